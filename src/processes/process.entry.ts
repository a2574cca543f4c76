import { Socket } from 'node:net';
import { type Boot, FrameReader, Server, ToWorker, writeFrame } from '../wire/far.js';
import { watchParent } from './watch-parent.js';

/** What a process of a pool runs. Descriptor 3 is its end of the socket pair. */
const socket = new Socket({ fd: 3, readable: true, writable: true });
let server: Server | undefined;

const reader = new FrameReader((message) => {
  if (server === undefined) {
    server = new Server({ post: (out) => void socket.write(writeFrame(out)) }, message as unknown as Boot);
  } else if (message[0] === ToWorker.END) {
    process.exit(0);
  } else server.receive(message);
});
socket.on('data', (chunk: Buffer) => reader.push(chunk));
// The parent is gone, or has let go: there is nobody to work for.
socket.on('close', () => process.exit(0));
socket.on('error', () => process.exit(0));
// A call that ends the process must not take along what others have finished.
process.on('exit', () => server?.flush());
// Ctrl-C on a terminal goes to every process of its group. What it means is the parent's to say.
process.on('SIGINT', () => undefined);
watchParent();
