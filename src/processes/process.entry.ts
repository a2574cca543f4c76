import { Socket } from 'node:net';
import { clock } from '../core/index.js';
import { type Boot, FrameReader, Server, ToPool, ToWorker, whenSent, writeFrame } from '../wire/far.js';
import { guard } from './guard.js';
import { type Sides, sidesOf } from './memory/sides.js';

/** What a process of a pool runs. It speaks on descriptor 3 and listens on 4; large buffers go through the files 5 and 6. */
const out = new Socket({ fd: 3, readable: false, writable: true });
const input = new Socket({ fd: 4, readable: true, writable: false });
let server: Server | undefined;
let sides: Sides | undefined;

interface ProcessBoot extends Boot {
  /** Told by the parent itself: it may be gone before this process can ask who it was. */
  readonly parent: number;
  /** Whether the kernel ends this process at the death of the thread that started it. */
  readonly armed: boolean;
  /** Whether that is left to the kernel to the end. */
  readonly alone: boolean;
  /** Whether it will be told to end after its first answer. */
  readonly once: boolean;
}

/** What it says before the first answer. */
const before = new Set<unknown>([ToPool.READY, ToPool.BEGUN, ToPool.STARTED]);

const reader = new FrameReader((message) => {
  if (server === undefined) {
    const boot = message as unknown as ProcessBoot;
    if (boot.beside) sides = sidesOf(5, 6);
    reader.side = sides?.reader;
    // Before the first call, which may be a loop: a loop lets nothing start.
    const handOver = guard(boot.parent, boot.armed, 3, boot.alone);
    let isNew = !boot.once;
    const post = (answer: unknown[]) => {
      out.write(writeFrame(answer, sides?.writer));
      if (isNew && !before.has(answer[0])) {
        isNew = false;
        clock.soon(handOver);
      }
    };
    server = new Server({ carrier: 'bytes', post }, boot);
  } else if (message[0] === ToWorker.END) {
    if (message.length > 1) process.exitCode = message[1] as number;
    whenSent(exitWritten);
  } else server.receive(message);
});

/** What the calls have written and its pipe has not taken yet would be lost by an exit. */
function exitWritten(): void {
  const full = [process.stdout, process.stderr].filter((stream) => stream.writableLength > 0);
  let left = full.length;
  if (left === 0) process.exit();
  for (const stream of full) stream.write('', () => --left === 0 && process.exit());
}

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
