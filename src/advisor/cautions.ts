import type { Caution, Point } from './advice.js';
import { amount, bytes, time } from './figures.js';
import type { Machine } from './machine.js';
import type { Measurement } from './probe/measurement.js';
import type { Verdict } from './verdict.js';

/** What a caution is drawn from. */
export interface Seen {
  readonly measured: Measurement;
  readonly verdict: Verdict;
  /** The point that the shares alone would lead to. */
  readonly point: Point;
  readonly machine: Machine;
  /** Variables from around the function that its text writes to. */
  readonly writes: readonly string[];
  /** Memory that can still be had, in bytes. */
  readonly free: number;
  /** Why the function cannot leave this thread, if it cannot. */
  readonly stays: string | undefined;
}

/** The part of the free memory that workers may take. */
const ROOM = 0.8;
/** Fewer bytes are nothing that another way to pass them would save. */
const LARGE = 16 * 1024;
/** The part of a call's time from which copying is worth a word. */
const DEAR = 0.25;
/** The share of Node's pool from which its size matters. */
const POOLED = 0.25;

/** How many workers the memory has room for. */
export function workersThatFit({ measured: { memory, input, result }, point, free }: Pick<Seen, 'measured' | 'point' | 'free'>): number {
  const each = Math.max(memory, point.concurrency * (input.bytes + result.bytes));
  return Math.max(1, Math.floor((ROOM * free) / Math.max(1, each)));
}

/** What a choice of workers has to reckon with, beside the shares. */
export function cautionsOf(seen: Seen): Caution[] {
  const { measured, verdict, point, machine, writes, stays } = seen;
  const { calls, failed, failure, changed, memory, input, result } = measured;
  const cautions: Caution[] = [];
  const say = (code: Caution['code'], text: string) => cautions.push({ code, text });
  if (failed > 0) say('failed', `${failed === calls ? 'All' : `${failed} of`} ${amount(calls, 'call')} failed, the first with ${failure}`);
  if (stays !== undefined) say('cannot-travel', `It stays on this thread, where it was measured. ${stays}`);
  else if (result.refused !== undefined) {
    say('cannot-travel', `What it returns cannot be copied to another thread (${result.refused}), so it stays on this one`);
  }
  const kept = [...new Set([...writes, ...changed])].map((name) => `"${name}"`).join(', ');
  if (kept !== '') {
    const how = changed.length > 0 ? `calls changed ${kept}, which its module exports` : `its text writes to ${kept} from around it`;
    say('keeps-state', `It keeps state: ${how}. Each worker would have a copy of its own, so workers do not see what others have stored`);
  }
  const copied = input.ms + result.ms;
  const isLarge = input.bytes + result.bytes >= LARGE;
  if (isLarge && copied > DEAR * verdict.ms) {
    const sizes = `${bytes(input.bytes)} in and ${bytes(result.bytes)} out`;
    say(
      'costly-copies',
      `To copy its input and result (${sizes}) takes ${time(copied)}, and a call itself ${time(verdict.ms)}: pass file names or shared memory instead`,
    );
  }
  const fit = workersThatFit(seen);
  if (fit < point.workers) {
    say(
      'memory',
      `Its calls took ${bytes(memory)} at most, so ${point.workers} workers would need ${bytes(memory * point.workers)}, and ${bytes(seen.free)} are free: ${amount(fit, 'worker')} at most`,
    );
  }
  if (verdict.shares.pool >= POOLED && machine.poolThreads < machine.cores) {
    const { poolThreads, cores } = machine;
    say(
      'small-libuv-pool',
      `Node's own pool has ${amount(poolThreads, 'thread')} for ${cores} cores: start with UV_THREADPOOL_SIZE=${cores}`,
    );
  }
  return cautions;
}
