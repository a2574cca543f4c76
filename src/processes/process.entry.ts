import { Socket } from 'node:net';
import { type Boot, FrameReader, Server, ToWorker, whenSent, writeFrame } from '../wire/far.js';
import { watchParent } from './watch-parent.js';

/** What a process of a pool runs. It speaks on descriptor 3 and listens on 4. */
const out = new Socket({ fd: 3, readable: false, writable: true });
const input = new Socket({ fd: 4, readable: true, writable: false });
let server: Server | undefined;

const reader = new FrameReader((message) => {
  if (server === undefined) {
    server = new Server({ post: (answer) => void out.write(writeFrame(answer)) }, message as unknown as Boot);
  } else if (message[0] === ToWorker.END) {
    whenSent(() => process.exit(0));
  } else server.receive(message);
});
input.on('data', (chunk: Buffer) => reader.push(chunk));
// The parent is gone, or has let go: there is nobody to work for.
for (const socket of [input, out]) {
  socket.on('close', () => process.exit(0));
  socket.on('error', () => process.exit(0));
}
// A call that ends the process must not take along what others have finished.
process.on('exit', () => server?.flush());
// Ctrl-C on a terminal goes to every process of its group. What it means is the parent's to say.
process.on('SIGINT', () => undefined);
watchParent();
