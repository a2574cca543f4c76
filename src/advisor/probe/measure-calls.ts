import { bare, clock } from '../../core/index.js';
import { kindOf } from '../kind.js';
import { sharesOf } from '../shares.js';
import { Caller } from './caller.js';
import { copying } from './copying.js';
import type { Measurement, Order, Window } from './measurement.js';
import { peakMemory } from './peak-memory.js';
import { reading, since, spin } from './readings.js';

/** Calls before any is counted, if they are short: the engine compiles, caches fill, connections open. */
const WARM_CALLS = 5;
/** How long that goes on, at least and at most, in ms. */
const [WARM_LEAST, WARM_MOST] = [25, 150];
/** How many windows the budget is spread over: one can be told from another. */
const WINDOWS = 3;
/** When they tell different things, so many more are looked at, and the last ones count: what an engine still compiles in the background is not the function's. */
const MORE_WINDOWS = 4;
/** Where calls are long, this many will do when the budget is spent this many times over. */
const [FEW_WINDOWS, OVERSPENT] = [2, 3];
/** Calls are made in batches of about this many ms, so that looking at the clock is no part of them. */
const BATCH = 0.5;
/** Each spin, in ms. There is one before the first window, one after each. */
const SPIN = 40;
/** How long it waits for what else computes in this process to end, at most, and how often it looks, in ms. */
const [SETTLE, LOOK] = [300, 10];
/** Less than this of a processor is nobody. */
const QUIET = 0.05;
/** A first call that takes this many windows' time is itself a sample. */
const LONG = 2;

/**
 * Calls a function in a row for a while and says what that took.
 *
 * @param budget How long the calls that count should take together, in ms.
 * @param until How long all of it may take, in ms, as far as the calls let it be kept.
 */
export async function measureCalls(
  fn: (input: unknown) => unknown,
  inputs: readonly unknown[],
  { budget, until }: Pick<Order, 'budget' | 'until'>,
): Promise<Omit<Measurement, 'changed'>> {
  const caller = new Caller(fn, inputs);
  const end = clock.now() + until;
  const memory = peakMemory();
  const each = budget / WINDOWS;
  const windows: Window[] = [];
  const times: number[] = [];

  await settle(Math.min(SETTLE, until / 4));
  let available = spin(SPIN);
  const first = await measureWindow(caller, 0, 1, []);
  const firstAvailable = available;
  const estimate = await warmUp(caller, first.wall, end);
  const batch = Math.max(1, Math.min(1e6, Math.round(BATCH / Math.max(estimate, 1e-6))));
  // What only the first call has to do is not what its calls are like.
  if (first.wall >= LONG * each && estimate > first.wall / 2) {
    windows.push(bare(first, { calls: 1, availability: firstAvailable }));
    times.push(first.wall);
  }
  let sampled = windows.length * first.wall;
  available = spin(SPIN);
  while (windows.length < WINDOWS || sampled < budget || (windows.length < WINDOWS + MORE_WINDOWS && !agree(windows.slice(-WINDOWS)))) {
    if (windows.length > 0 && clock.now() + Math.max(each, estimate) + SPIN > end) break;
    if (windows.length >= FEW_WINDOWS && sampled >= OVERSPENT * budget) break;
    const calls = caller.calls;
    const usage = await measureWindow(caller, each, batch, times);
    const after = spin(SPIN);
    windows.push(bare(usage, { calls: caller.calls - calls, availability: (available + after) / 2 }));
    available = after;
    sampled += usage.wall;
  }
  times.sort((a, b) => a - b);
  return {
    windows: windows.slice(-WINDOWS),
    calls: caller.calls,
    failed: caller.failed,
    failure: caller.failure,
    ms: times[times.length >> 1] ?? 0,
    fastest: times[0] ?? 0,
    input: copying(inputs.slice(0, 3)),
    result: copying(caller.failed < caller.calls ? [caller.result] : []),
    memory: Math.max(0, peakMemory() - memory),
  };
}

/** Whether they all say the same of a call that is not tiny. */
function agree(windows: readonly Window[]): boolean {
  const kinds = windows.map((window) => kindOf(sharesOf(window, window.availability), Number.POSITIVE_INFINITY).kind);
  return kinds.every((kind) => kind === kinds[0]);
}

/** Waits until nothing else computes in this process. */
async function settle(most: number): Promise<void> {
  for (const end = clock.now() + most; clock.now() < end; ) {
    const from = reading();
    await new Promise<void>((resolve) => void clock.after(LOOK, resolve));
    if (sharesOf(since(from), 1).pool < QUIET) return;
  }
}

/** Calls for some ms, at least once. @param times Gets the time of one call of each batch, in ms. */
async function measureWindow(caller: Caller, ms: number, batch: number, times: number[]) {
  const from = reading();
  const end = from.wall + ms;
  do times.push((await caller.run(batch)) / batch);
  while (clock.now() < end);
  return since(from);
}

/** @returns How long a call takes by now, in ms. */
async function warmUp(caller: Caller, first: number, end: number): Promise<number> {
  const began = clock.now();
  let last = first;
  for (let calls = 1; ; ) {
    const spent = clock.now() - began;
    if (spent >= WARM_MOST || (calls >= WARM_CALLS && spent >= WARM_LEAST)) return last;
    if (clock.now() + 2 * last > end) return last;
    const batch = Math.max(1, Math.round(BATCH / Math.max(last, 1e-6)));
    last = (await caller.run(Math.min(batch, calls))) / Math.min(batch, calls);
    calls += Math.min(batch, calls);
  }
}
