/*
 * The end of a pipe leaves when what it is in has been written, and not before: what turns out not to be able to travel must not have taken it along.
 */

let leaving: (() => void)[] | undefined;

/** Lets `leave` be called once the value that is being written has been: at once if nobody keeps account. */
export function onceWritten(leave: () => void): void {
  if (leaving === undefined) leave();
  else leaving.push(leave);
}

/** Runs `write`; if it does not throw, what asked to leave meanwhile does. */
export function writing<T>(write: () => T): T {
  const outer = leaving;
  const own: (() => void)[] = [];
  leaving = own;
  let value: T;
  try {
    value = write();
  } finally {
    leaving = outer;
  }
  for (const leave of own) leave();
  return value;
}
