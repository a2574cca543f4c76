import { AsyncLocalStorage } from 'node:async_hooks';
import { currentRunning, drive, isCoroutine, mustBeFunction, SelfWaitError, type Unwrapped } from '../../core/index.js';
import { endOf, type Future } from '../../futures/index.js';
import type { Access } from './access.js';
import type { ProcessGuard } from './guard.js';
import { HeldCell } from './request.js';

/** A `with` that this code runs inside of. */
interface Block {
  readonly access: Access;
  readonly outer: Block | undefined;
  isOver: boolean;
}

const blocks = new AsyncLocalStorage<Block>();

/**
 * Whoever is inside a `with` of a lock and asks for it again would wait for itself.
 *
 * @returns The error of that; `undefined` if it is not so.
 */
export function selfWait(access: Access, what: string): SelfWaitError | undefined {
  for (let at = blocks.getStore(); at !== undefined; at = at.outer) {
    if (at.access === access && !at.isOver)
      return new SelfWaitError(
        `${what} was called inside a with() of the same lock, and would wait for its own end. Expected it after that, or a ProcessReentrantLock`,
      );
  }
  return undefined;
}

/** Runs `fn(guard)` with what `acquire` gets, and gives that back when `fn` has ended, whatever the way out. */
export function holding<G extends ProcessGuard, R>(
  who: string,
  access: Access,
  acquire: () => Future<G>,
  fn: (guard: G) => R,
): Future<Unwrapped<R>> {
  mustBeFunction(who, fn);
  const running = currentRunning();
  let acquiring: Future<G> | undefined;
  const cell = new HeldCell<Unwrapped<R>>((reason) => acquiring?.cancel(reason));
  const run = async (): Promise<unknown> => {
    acquiring = acquire();
    const guard = await acquiring;
    const block: Block = { access, outer: blocks.getStore(), isOver: false };
    try {
      return await blocks.run(block, async () => {
        const made = fn(guard);
        return isCoroutine(made) ? drive(made) : made;
      });
    } finally {
      block.isOver = true;
      guard[Symbol.dispose]();
    }
  };
  run().then(
    (value) => cell.settle('fulfilled', value),
    (error: unknown) => cell.settle(endOf(error, acquiring, running), error),
  );
  return cell;
}
