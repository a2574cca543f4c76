import { createHook } from 'node:async_hooks';
import { bare, currentRunning, propertyOf } from '../../core/index.js';
import { debug } from '../debug.js';
import type { Scope } from '../scope.js';
import { taskAround, titleWithin } from '../scope-state.js';
import { lastAwait } from './last-await.js';
import { lastSamples, startSamples } from './samples.js';
import { warn } from './warn.js';

/** From how long on a step is too long, in ms. */
const LIMIT = 50;

interface Step {
  readonly id: number;
  readonly began: bigint;
  /** What took place within it but is a step of its own, in ms. */
  inner: number;
}

/** The steps under way: one task may be begun, or gone on with, inside of another's. */
const steps: Step[] = [];

// Not the clock that tests replace: it is about the real event loop.
const now = (): bigint => process.hrtime.bigint();

function begin(id: number): void {
  steps.push({ id, began: now(), inner: 0 });
}

function end(id: number, scope: Scope | undefined): void {
  // An error may have left some without an end; one that had begun before anybody watched is not here.
  while (steps.length > 0 && steps[steps.length - 1].id !== id) steps.pop();
  const step = steps.pop();
  if (step === undefined) return;
  const took = Number(now() - step.began) / 1e6;
  if (scope !== undefined && took - step.inner > LIMIT) tooLong(scope, took - step.inner);
  // What this warning has cost is nobody's step either.
  notOf(steps.at(-1), step.began);
}

/** What has passed since then is not the time of this step. */
function notOf(step: Step | undefined, since: bigint): void {
  if (step !== undefined) step.inner += Number(now() - since) / 1e6;
}

let ids = 0;
let within = 0;

/** Runs one step of a task: its beginning, or a generator's from one `yield*` to the next. Those of async functions are seen by the hooks below. */
export function timed<A extends unknown[]>(scope: Scope, step: (...args: A) => void, ...args: A): void {
  const id = --ids;
  within++;
  const before = now();
  startSamples();
  notOf(steps.at(-1), before);
  begin(id);
  try {
    step(...args);
  } finally {
    within--;
    end(id, scope);
  }
}

if (debug.on) {
  createHook(
    bare({
      // Code that enters a context of its own within a step is a part of that step.
      before(id) {
        if (within === 0) begin(id);
      },
      after(id) {
        if (within > 0) return;
        const running = currentRunning();
        end(id, running !== undefined && propertyOf(running, 'title') !== undefined ? (running as Scope) : undefined);
      },
    }),
  ).enable();
}

function tooLong(scope: Scope, ms: number): void {
  const task = taskAround(scope);
  warn(
    'SlowStep',
    'MEANTIME_SLOW_STEP',
    `A step of ${titleWithin(scope)} held the event loop for ${Math.round(ms)} ms: no timer, no IO and no other task had a turn. Expected less than ${LIMIT} ms; call checkpoint() in a long loop, or compute in toThread()`,
    [
      ['what ran, by samples', lastSamples(ms)],
      ['where it paused last', lastAwait(scope)],
      ['where it was spawned', task?.spawnedAt],
    ],
  );
}
