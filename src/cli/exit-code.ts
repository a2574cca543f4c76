/** What the process says to the shell when it ends. */
export const ExitCode = {
  /** Every input has a result. */
  ok: 0,
  /** Some inputs failed, or the results could not be written. */
  failed: 1,
  /** Nothing was run, or the inputs could not be read to their end: a wrong option, a module or a file that is not there. */
  usage: 2,
  /** Ctrl-C, as shells count it: 128 + SIGINT. */
  interrupted: 130,
  /** Whoever read the results went away, as for a program that SIGPIPE ends: 128 + SIGPIPE. */
  brokenPipe: 141,
} as const;

/** A command line that cannot be carried out. The message is for the person who typed it. */
export class UsageError extends Error {}
