import { AbandonedError } from '../../core/index.js';

/** What the next holder is told of one that died. */
export const leftBehind = (what: string): AbandonedError =>
  new AbandonedError(
    `The thread that held this ${what} died with it. What the lock guards may be half done: look at it before relying on it`,
  );
