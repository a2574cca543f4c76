// What the tests of errors run elsewhere.
import { type Connection, currentSignal, type ProcessQueue, type Remote } from 'meantime/processes';
import type { SharedQueue } from 'meantime/threads';

export const back = (value: unknown): unknown => value;

export const raise = (value: unknown): never => {
  throw value;
};

export function* raiseLater(value: unknown): Generator<number> {
  yield 1;
  throw value;
}

export const echoPipe = async (end: Connection): Promise<void> => {
  for await (const value of end) await end.send(value);
};

export const echoQueues = async (from: ProcessQueue<unknown>, to: ProcessQueue<unknown>): Promise<void> => {
  for await (const value of from) await to.put(value);
};

export const echoShared = async (from: SharedQueue<unknown>, to: SharedQueue<unknown>): Promise<void> => {
  for await (const value of from) await to.put(value);
};

/** Tells that it runs, and what its signal was aborted with. */
export const reason = async (told: Remote<Thrower>): Promise<void> => {
  const signal = currentSignal() as AbortSignal;
  const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  await told.begin();
  await aborted;
  const { reason } = signal;
  await told.see(reason instanceof Error && 'reason' in reason ? reason.reason : reason);
};

/** An error that nobody here can have: made over there, with all that makes trouble. */
export function raiseOdd(): never {
  class PaymentError extends TypeError {
    override name = 'PaymentError';
    get code(): string {
      return 'DECLINED';
    }
  }
  const error = new PaymentError('declined', { cause: new RangeError('limit') });
  Object.assign(error, { errors: { card: 'expired' }, retry: () => 1, shared: new SharedArrayBuffer(8), self: error, gone: undefined });
  Object.defineProperty(error, 'hidden', { value: 1 });
  Object.defineProperty(error, 'broken', {
    get: () => {
      throw new Error('broken getter');
    },
    enumerable: true,
  });
  throw error;
}

export const raiseOddly = [
  () => {
    throw Object.assign(new AggregateError([1], 'all'), { errors: { a: 'not a list' } });
  },
  () => {
    throw Object.freeze(Object.assign(new Error('frozen'), { errors: 'text' }));
  },
  () => {
    throw Object.assign(new DOMException('gone', 'NotFoundError'), { detail: { n: 1 } });
  },
];

export const raiseOne = (i: number): never => (raiseOddly[i] as () => never)();

export function raiseStrange(kind: string): never {
  throw { function: () => 1, symbol: Symbol('s'), url: new URL('http://localhost/'), promise: Promise.resolve() }[kind];
}

class Event<T> {
  happen: (value: T) => void = () => undefined;
  readonly promise = new Promise<T>((resolve) => {
    this.happen = resolve;
  });
}

export class Thrower {
  readonly #began = new Event<void>();
  readonly #saw = new Event<unknown>();

  raise(value: unknown): never {
    throw value;
  }

  back(value: unknown): unknown {
    return value;
  }

  begin(): void {
    this.#began.happen();
  }

  started(): Promise<void> {
    return this.#began.promise;
  }

  see(value: unknown): void {
    this.#saw.happen(value);
  }

  seen(): Promise<unknown> {
    return this.#saw.promise;
  }
}
