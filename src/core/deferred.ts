/** A promise, and how it is settled. */
export interface Deferred {
  readonly promise: Promise<unknown>;
  resolve(value: never): void;
  reject(error: unknown): void;
}

/**
 * One executor for all promises: a closure for each would be a fifth of what a tiny call allocates.
 */
const grabbed = {} as { resolve: Deferred['resolve']; reject: Deferred['reject'] };
function grab(resolve: (value: never) => void, reject: (error: unknown) => void): void {
  grabbed.resolve = resolve;
  grabbed.reject = reject;
}

function nothing(): void {}

/** A promise that is to be settled from outside. */
export function deferred(): Deferred {
  const promise = new Promise<unknown>(grab);
  const { resolve, reject } = grabbed;
  grabbed.resolve = grabbed.reject = nothing; // they would keep the promise, and with it the stores of whoever waits
  return { promise, resolve, reject };
}
