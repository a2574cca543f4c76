/** Whether to look out for mistakes, and to keep the stacks that explain them. `MEANTIME_DEBUG=1` turns it on. */
export const debug = {
  on: process.env.MEANTIME_DEBUG === '1',
  /** The stack of the caller of `below`. */
  stack(below: (...args: never[]) => unknown): string {
    const here = { stack: '' };
    Error.captureStackTrace(here, below);
    return here.stack.slice(here.stack.indexOf('\n') + 1);
  },
};
