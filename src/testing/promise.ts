import type { Rig } from './rig.js';

/**
 * What an executor must be able to do for a promise to mean anything there.
 *
 * - `workers`: calls run in workers of their own, which can be ended and replaced.
 * - `processes`: those workers are processes of this machine.
 * - `copies`: arguments and results are copied on their way.
 * - `refuses`: no call runs on the thread that submits it, so what cannot get to a worker is refused.
 * - `broadcast`: it has a method that runs a function once on every worker.
 * - `program`: a small program that makes such an executor can be run.
 */
export type Ability = 'workers' | 'processes' | 'copies' | 'refuses' | 'broadcast' | 'program';

/** One promise: a column of the table whose rows are executors. */
export interface ExecutorPromise {
  readonly name: string;
  readonly needs: readonly Ability[];
  check(rig: Rig): Promise<void>;
}

/** A group of promises: what the files of this folder export. */
export function promise(name: string, check: (rig: Rig) => Promise<void>, ...needs: Ability[]): ExecutorPromise {
  return { name, needs, check };
}
