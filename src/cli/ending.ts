import { ExitCode } from './exit-code.js';

// Taken before any code of the user's is loaded, which may put something else in their places.
const { exit } = process;
const say = process.stderr.write.bind(process.stderr);

let isOver = false;
let running: string | undefined;

/** Ends the process. The exit code is the command's and nobody else's. */
export function end(code: number): never {
  isOver = true;
  return exit.call(process, code);
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
    say(`meantime: The process ended before the command had: ${why}.${running === undefined ? '' : ` ${running}`}\n`);
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
  Object.create(stream, { write: { value: stream.write.bind(stream) } });
