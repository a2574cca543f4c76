import { Socket } from 'node:net';
import { bare, clock, socketOptions } from '../core/index.js';
import { type Boot, CODED, FrameReader, failureMessage, Server, ToPool, ToWorker, whenSent, writeFrame } from '../wire/far.js';
import { Answers } from './answers.js';
import { guard } from './guard.js';
import { type Sides, sidesOf } from './memory/sides.js';
import { Printed, type Standard } from './printed.js';
import { notForUs } from './signals.js';

/** What a process of a pool runs. It speaks on descriptor 3 and listens on 4; large buffers go through the files 5 and 6. */
const printed = new Printed();
const answers = new Answers(printed, (message, beside) => writeFrame(message, beside ? sides?.writer : undefined));
const input = new Socket(socketOptions({ fd: 4, readable: true, writable: false }));
const takeSignals = notForUs();
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
  /**
   * The streams that an answer must not overtake: those that nobody reads as streams of this
   * process.
   */
  readonly awaited: readonly Standard[];
}

/** What it says before the first answer. */
const before = new Set<unknown>([ToPool.READY, ToPool.BEGUN, ToPool.STARTED, ToPool.LOADING]);

const reader = new FrameReader((message) => {
  if (server === undefined) {
    const boot = bare(message as unknown as ProcessBoot);
    if (boot.beside) sides = sidesOf(5, 6);
    reader.side = sides?.reader;
    printed.awaited = boot.awaited;
    if (boot.once) takeSignals();
    // Before the first call, which may be a loop: a loop lets nothing start.
    const handOver = guard(boot.parent, boot.armed, 3, boot.alone);
    let isNew = !boot.once;
    const post = (answer: unknown[]) => {
      const [kind] = answer[0] === CODED ? (answer[1] as unknown[]) : answer;
      answers.post(answer, kind === ToPool.RESULTS);
      if (isNew && !before.has(kind)) {
        isNew = false;
        clock.soon(handOver);
      }
    };
    server = new Server({ carrier: 'bytes', post }, boot);
  } else if (message[0] === ToWorker.END) {
    if (message.length > 1) process.exitCode = message[1] as number;
    whenSent(() => process.exit());
  } else server.receive(message);
});

input.on('data', (chunk: Buffer) => reader.push(chunk));
// The parent is gone, or has let go: there is nobody to work for.
for (const socket of [input, answers.socket]) {
  socket.on('close', () => process.exit(0));
  socket.on('error', () => process.exit(0));
}

let fatal: { error: unknown } | undefined;
process.on('uncaughtExceptionMonitor', (error) => {
  if (process.listenerCount('uncaughtException') === 0) fatal = { error }; // else a call has seen to that itself
});
// A call that ends the process must not take along what others have finished, nor what it has
// printed.
process.on('exit', () => {
  server?.flush();
  if (fatal) answers.post(failureMessage([ToPool.FATAL], fatal.error, { what: 'the worker', carrier: 'bytes' }), false);
  answers.empty();
});
