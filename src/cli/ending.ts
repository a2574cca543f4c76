import { bare, clock } from '../core/index.js';
import { ExitCode } from './exit-code.js';
import { screenOf } from './screen.js';

// Taken before any code of the user's is loaded, which may put something else in their places.
const { exit } = process;
const { say } = screenOf(process.stderr);

let isOver = false;
let running: string | undefined;

/** Ends the process. The exit code is the command's and nobody else's. */
export function end(code: number): never {
  isOver = true;
  return exit.call(process, code);
}

/**
 * How long requests to the file system may take to end by themselves, of a command that was
 * interrupted and of any other, and how often to look, in ms.
 */
const LATEST = { interrupted: 500, other: 5000 };
const LOOK = 20;

/**
 * Ends the process as `end` does, or, if one of its threads is held by the system (by a named pipe
 * without another end, or a disk that does not answer), by a signal: `process.exit` waits for all
 * of them, for ever.
 */
export async function endSurely(code: number): Promise<never> {
  const latest = code === ExitCode.interrupted ? LATEST.interrupted : LATEST.other;
  for (const from = clock.now(); isAtWork('FSReq'); await new Promise<void>((resolve) => clock.after(LOOK, resolve))) {
    if (clock.now() - from > latest) endBySignal(code);
  }
  return end(code);
}

const isAtWork = (kind: string): boolean => process.getActiveResourcesInfo().some((name) => name.startsWith(kind));

/**
 * Whether there is a thread that `process.exit` would wait for, and that the system may hold: a
 * worker's, or one that a request to the file system has.
 */
export const mayHoldExit = (): boolean => isAtWork('FSReq') || isAtWork('MessagePort');

/**
 * Ends the process whatever its threads do. Interrupted, it ends by SIGINT, which shells count as
 * the same exit code; otherwise by SIGKILL.
 */
export function endBySignal(code: number): never {
  isOver = true;
  try {
    process.emit('exit', code); // temporary files go
  } finally {
    process.removeAllListeners('SIGINT');
    if (code !== ExitCode.interrupted) say('meantime: A thread is held by the system and cannot be ended, so this process is killed');
    process.kill(process.pid, code === ExitCode.interrupted ? 'SIGINT' : 'SIGKILL');
  }
  return end(code);
}

/**
 * From now on an end that the command did not ask for is told, and is a failure: `process.exit(0)`
 * in the user's module, or an `await` on this thread that never ends while nothing else is left to
 * wait for.
 */
export function watchEnd(): void {
  let isIdle = false;
  // An await that never ends gives exit code 13 only after this event on some Nodes.
  process.on('beforeExit', () => {
    isIdle = true;
  });
  process.on('exit', (code) => {
    if (isOver) return;
    const why =
      isIdle || code === 13
        ? 'an await never ended, and nothing else was left to wait for'
        : `code on this thread ended it, with exit code ${code}`;
    say(`meantime: The process ended before the command had: ${why}.${running === undefined ? '' : ` ${running}`}`);
    process.exitCode = running === undefined ? ExitCode.usage : ExitCode.failed;
  });
}

/** Work has begun. @param after What to say if it is cut off. */
export function begun(after: string): void {
  running = after;
}

/**
 * A standard stream whose `write` stays what it is now, whatever the user's code does to the stream
 * itself.
 */
export const untouched = (stream: NodeJS.WriteStream): NodeJS.WriteStream =>
  Object.create(stream, { write: bare({ value: stream.write.bind(stream) }) });

/**
 * From now on standard output is the command's: what the user's code prints on this thread goes to
 * standard error.
 */
export function printToStderr(): void {
  process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;
}
