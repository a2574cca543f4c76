import { variable, withStackLimit } from '../core/index.js';

/** Files of this package: its frames say nothing to whoever looks for their own mistake. */
const own = new URL('..', import.meta.url).href;

/** How many frames are looked at: many of them are ours. */
const DEEP = 40;

/** Whether to look out for mistakes, and to keep the stacks that explain them. `MEANTIME_DEBUG=1` turns it on. */
export const debug = {
  on: variable('MEANTIME_DEBUG') === '1',
  /** The stack of the caller of `below`, without the frames of this package and of Node. */
  stack(below: (...args: never[]) => unknown): string {
    const here = { stack: '' };
    withStackLimit(DEEP, () => Error.captureStackTrace(here, below));
    return userFrames(here.stack).join('\n');
  },
};

/** The frames of a stack that are the user's, one a line. */
export function userFrames(stack: string): string[] {
  return stack.split('\n').filter((line) => /^\s+at /.test(line) && !/\(?<anonymous>\)?$|node:/.test(line) && !isOwn(line));
}

/** Whether a frame, or a URL, is in this package. Its tests are somebody else's. */
export const isOwn = (text: string): boolean => text.includes(own) && !text.includes('.test.js');

/** The innermost frame of the user's, such as `work (file:///…/app.js:3:5)`; `undefined` if there is none. */
export function userPlace(stack: string | undefined): string | undefined {
  return stack === undefined ? undefined : userFrames(stack)[0]?.replace(/^\s+at (async )?/, '');
}
