import { currentRunning, type Running } from '../core/index.js';
import type { Scope } from './scope.js';

/** Told apart from what other rooms put into the context. */
export const scopeBrand: unique symbol = Symbol('scope');

/** The scope of the generator that is being stepped right now. */
let stepping: Scope | undefined;

/** Whether the running code is a generator task's, which gets waits as they are, and not as promises. */
export const isStepping = (): boolean => stepping !== undefined;

/** Sets the scope of the generator about to be stepped and returns the former one. */
export function step(scope: Scope | undefined): Scope | undefined {
  const former = stepping;
  stepping = scope;
  return former;
}

/** How a call of another room, which has only a signal, becomes a scope. Set by `scope.ts`, which imports this file. */
let adopt: (running: Running) => Scope;
export function setAdopt(fn: (running: Running) => Scope): void {
  adopt = fn;
}

/** The innermost scope around the running code. */
export function currentScope(): Scope | undefined {
  if (stepping !== undefined) return stepping;
  const running = currentRunning() as (Running & { [scopeBrand]?: true }) | undefined;
  if (running === undefined) return undefined;
  if (!running[scopeBrand]) return adopt(running);
  return (running as Scope).live;
}
