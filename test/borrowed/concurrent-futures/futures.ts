import { writeFileSync } from 'node:fs';
import { type Future, FutureSource, whenSettled } from 'meantime/futures';

/** Futures in the states that the originals keep ready. */
export function succeeded<T>(value: T): Future<T> {
  const source = new FutureSource<T>();
  source.fulfil(value);
  return source.future;
}

export function failed(error: Error): Future<never> {
  const source = new FutureSource<never>();
  whenSettled(source.future, () => undefined); // somebody looks: it is no unhandled rejection
  source.reject(error);
  return source.future;
}

export function cancelled(): Future<never> {
  const source = new FutureSource<never>();
  source.future.cancel();
  return source.future;
}

export function running(): FutureSource<number> {
  const source = new FutureSource<number>();
  source.start();
  return source;
}

export const openGate = (path: string): void => writeFileSync(path, '');

/** The error of what must fail. */
export async function errorOf(future: PromiseLike<unknown>): Promise<Error & { code?: string }> {
  try {
    await future;
  } catch (error) {
    return error as Error;
  }
  throw new Error('expected a failure, and there was none');
}
