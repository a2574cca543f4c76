import { bare } from './bare.js';

/**
 * The names that Node looks for in the options of a socket or a server of sockets, once it has
 * copied them.
 */
const looked = [
  ...['fd', 'handle', 'signal', 'timeout', 'allowHalfOpen', 'pauseOnCreate', 'manualStart', 'onread', 'noDelay', 'keepAlive'],
  ...['keepAliveInitialDelay', 'blockList', 'highWaterMark', 'readableHighWaterMark', 'writableHighWaterMark', 'objectMode'],
  ...['readableObjectMode', 'writableObjectMode', 'encoding', 'defaultEncoding', 'read', 'write', 'writev', 'final', 'destroy'],
  ...['construct', 'host', 'port', 'lookup', 'family', 'hints', 'localAddress', 'localPort', 'autoSelectFamily'],
];
const none = bare(Object.fromEntries(looked.map((name) => [name, undefined])));

/**
 * Options for `node:net`. Node copies them into an object that inherits, so all that it looks for
 * is there, and undefined: a polluted `Object.prototype` has `fd` make another file of a socket.
 */
export const socketOptions = <T extends object>(options: T): T => bare(none, options) as T;
