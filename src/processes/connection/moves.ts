/*
 * Ends of pipes inside of what is written and read. One leaves when what it is in has been written, and not before: what turns out not to be able to travel must not have taken
 * it along. One that was read has arrived.
 */

/** An end that leaves in a value. */
export interface Leaving {
  leave(): void;
  /** What it was in is lost, perhaps unread. @param surely Whoever had it can no longer tell that it was read. */
  strayed(surely: boolean): void;
}

let leaving: Leaving[] | undefined;
let reading = false;

/** What left in the last value that was written; `undefined`, most often: nothing. */
export let left: readonly Leaving[] | undefined;

/** Lets it leave once the value that is being written has been: at once if nobody keeps account. */
export function onceWritten(end: Leaving): void {
  if (leaving === undefined) end.leave();
  else leaving.push(end);
}

/** Runs `write`; if it does not throw, what asked to leave meanwhile does. */
export function writing<T>(write: () => T): T {
  const outer = leaving;
  const own: Leaving[] = [];
  leaving = own;
  let value: T;
  try {
    value = write();
  } finally {
    leaving = outer;
  }
  for (const end of own) end.leave();
  left = own.length === 0 ? undefined : own;
  return value;
}

export function nothingLeft(): void {
  left = undefined;
}

/** Whether what arrives now was taken out of a message, by somebody who wanted it. Arguments of a call may be made and never used: the call is given to another worker. */
export const isReading = (): boolean => reading;

export function whileReading<T>(read: () => T): T {
  const outer = reading;
  reading = true;
  try {
    return read();
  } finally {
    reading = outer;
  }
}
