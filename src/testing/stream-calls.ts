import { clock } from '../core/index.js';
import { note, pause } from './calls.js';

/*
 * Generators that run over there.
 */

export function* countTo(n: number): Generator<number, void, undefined> {
  for (let i = 1; i <= n; i++) yield i;
}

export async function* countToLater(n: number): AsyncGenerator<number, void, undefined> {
  for (let i = 1; i <= n; i++) {
    await pause(1);
    yield i;
  }
}

/** Notes each value before it gives it, and its own end. */
export function* countAndNote(file: string): Generator<number, void, undefined> {
  try {
    for (let i = 1; ; i++) {
      note(file, i);
      yield i;
    }
  } finally {
    note(file, 'closed');
  }
}

export async function* countAndNoteLater(file: string): AsyncGenerator<number, void, undefined> {
  try {
    for (let i = 1; ; i++) {
      await pause(1);
      note(file, i);
      yield i;
    }
  } finally {
    await pause(1);
    note(file, 'closed');
  }
}

/** Gives two values, then fails. */
export function* failAfterTwo(): Generator<number, void, undefined> {
  yield 1;
  yield 2;
  throw new RangeError('after two');
}

/** Reports progress between long steps. */
export function* workInSteps(steps: number, ms: number): Generator<number, void, undefined> {
  for (let i = 1; i <= steps; i++) {
    yield i;
    const until = clock.now() + ms;
    while (clock.now() < until);
  }
}

export function* yieldFunction(): Generator<unknown, void, undefined> {
  yield 1;
  yield () => 2;
}

export function* exitAfterTwo(): Generator<number, void, undefined> {
  yield 1;
  yield 2;
  process.exit(4);
}
