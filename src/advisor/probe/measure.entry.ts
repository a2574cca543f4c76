import { loadFunction } from '../../wire/far.js';
import { told } from '../told.js';
import { measureCalls } from './measure-calls.js';
import type { Answer, Order } from './measurement.js';
import { changedSince, stateOf } from './module-state.js';

/** What a process that measures runs: there is nothing in it but the function, so whatever it computes is the function's. */
export async function measure({ ref, ...order }: Order, inputs: readonly unknown[]): Promise<Answer> {
  let fn: (input: unknown) => unknown;
  let namespace: Record<string, unknown> = {};
  try {
    fn = await loadFunction(ref);
    if (ref.kind === 'export') namespace = await import(ref.url);
  } catch (error) {
    return { unloadable: told(error) };
  }
  const before = stateOf(namespace);
  const measured = await measureCalls(fn, inputs, order);
  return { measured: { ...measured, changed: changedSince(before, namespace) } };
}
