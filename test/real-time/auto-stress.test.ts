// AutoExecutors do what lots say: functions of all kinds, failures, cancellations, readers that leave, shutdowns at any point. Real time: it takes what MEANTIME_STRESS_MS says, 6 s without.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { AutoExecutor } from 'meantime/advisor';
import { type Job, type Kind, Mark, marksFor, work } from '../advisor/auto.calls.js';

const FOR = Number(process.env.MEANTIME_STRESS_MS ?? 6000);
const seed = Number(process.env.MEANTIME_SEED ?? Math.floor(Math.random() * 2 ** 31));
/** No part of a round takes nearly so long, in ms. */
const HANGS = 30_000;
/** The most calls of a round. */
const MOST = 3000;

/** Small and quick, and the same sequence for the same seed (mulberry32). */
function lots(from: number): () => number {
  let state = from | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

class Round {
  readonly memory = marksFor(MOST);
  readonly marks = new Int32Array(this.memory);
  readonly #lot: () => number;
  readonly executor: AutoExecutor;
  readonly most: number | undefined;
  readonly says: string[] = [];
  #index = 0;
  /** Calls that end whenever they like after their cancellation: then there may be more than allowed. */
  #cancels = false;

  constructor(lot: () => number) {
    this.#lot = lot;
    this.most = this.#is(0.4) ? 1 + this.#upTo(6) : undefined;
    const isolate = this.#is(0.3) ? { isolate: true } : {};
    const limits = {
      ...(this.most !== undefined && { maxConcurrency: this.most }),
      ...(this.#is(0.5) && { maxWorkers: 1 + this.#upTo(3) }),
    };
    const start = this.#is(0.2) ? { start: { workers: 1 + this.#upTo(1), concurrency: 1 + this.#upTo(3) } } : {};
    const options = { maxWorkers: 4, ...isolate, ...limits, ...start, grace: 50 };
    this.says.push(JSON.stringify(options));
    this.executor = new AutoExecutor(options);
  }

  #is(chance: number): boolean {
    return this.#lot() < chance;
  }

  #upTo(n: number): number {
    return Math.floor(this.#lot() * (n + 1));
  }

  #of<T>(...from: T[]): T {
    return from[this.#upTo(from.length - 1)];
  }

  /** Jobs of kinds that change on the way. */
  #jobs(fails: boolean): Job[] {
    const jobs: Job[] = [];
    for (let part = 1 + this.#upTo(2); part > 0; part--) {
      const kind = this.#of<Kind>('tiny', 'tiny', 'wait', 'spin', 'block', 'mixed');
      const n = kind === 'tiny' ? this.#upTo(300) : this.#upTo(60);
      const ms = 0.5 + this.#lot() * 6;
      for (let i = 0; i < n && this.#index < MOST; i++) {
        const way = fails && this.#is(0.05) ? { fails: this.#of('error', 'pushback') as 'error' } : {};
        jobs.push({ memory: this.memory, index: this.#index++, kind, ms, ...way });
      }
    }
    return jobs;
  }

  async *#slowly(jobs: Job[]): AsyncGenerator<Job> {
    for (const job of jobs) {
      if (this.#is(0.02)) await pause(2);
      yield job;
    }
  }

  readonly #mayBeRefused = (error: unknown): boolean => ['ShutdownError', 'AbortError'].includes((error as Error).name);

  async #map(): Promise<void> {
    const settle = this.#is(0.6);
    const jobs = this.#jobs(this.#is(0.5));
    const own = { job: 0 };
    // The second has no way to a thread.
    const fn = this.#is(0.7)
      ? work
      : (job: Job) => {
          own.job++;
          return work(job);
        };
    const ordered = this.#is(0.6);
    const options = {
      ordered,
      ...(this.#is(0.3) && { buffer: 1 + this.#upTo(20) }),
      ...(this.#is(0.2) && { chunk: 1 + this.#upTo(50) }),
      ...(this.#is(0.15) && { timeout: 20_000 }),
      onError: settle ? ('settle' as const) : ('throw' as const),
    };
    const inputs = this.#of<() => Iterable<Job> | AsyncIterable<Job>>(
      () => jobs,
      () => new Set(jobs),
      () => this.#slowly(jobs),
    )();
    const signal = this.#is(0.15) ? AbortSignal.timeout(this.#upTo(150)) : undefined;
    if (signal) this.#cancels = true;
    const leavesAt = this.#is(0.2) ? this.#upTo(jobs.length) : undefined;
    const what = `map of ${jobs.length} ${fn === work ? '' : 'here '}${JSON.stringify(options)} leaves at ${leavesAt}`;
    this.says.push(what);
    const results = this.executor.map(fn, inputs, { ...options, ...(signal && { signal }) });
    const got: unknown[] = [];
    try {
      if (leavesAt === undefined && this.#is(0.5)) got.push(...((await results) as unknown[]));
      else {
        for await (const one of results) {
          got.push(one);
          if (leavesAt === undefined || got.length < leavesAt) continue;
          this.#cancels = true;
          return;
        }
      }
    } catch (error) {
      this.#cancels = true; // what is still out is cancelled
      const { name } = error as Error;
      if (signal?.aborted && (name === 'AbortError' || name === 'TimeoutError')) return;
      if (this.#mayBeRefused(error)) return;
      assert.ok(!settle, `${what}: ${error}`);
      assert.ok(
        jobs.some(({ fails }) => fails),
        `${what}: ${error}`,
      );
      if (ordered && leavesAt !== undefined)
        assert.equal(
          got.length,
          jobs.findIndex((job) => job.fails),
          what,
        );
      return;
    }
    this.#check(what, jobs, got, settle, ordered);
  }

  #check(what: string, jobs: Job[], got: unknown[], settle: boolean, ordered: boolean): void {
    assert.equal(got.length, jobs.length, what);
    for (const { index } of jobs.filter((_, i) => !settle || (got[i] as { status?: string }).status === 'fulfilled' || !ordered)) {
      const times = this.marks[Mark.calls + index];
      assert.ok(times <= 1, `${what}: call ${index} ran ${times} times`);
    }
    if (!settle) {
      for (const { index } of jobs) assert.equal(this.marks[Mark.calls + index], 1, `${what}: call ${index}`);
      return;
    }
    const seen = new Set<number>();
    for (const [i, one] of (got as { status: string; reason?: Error; index: number; input: Job }[]).entries()) {
      seen.add(one.index);
      if (ordered) assert.equal(one.index, i, what);
      assert.equal(one.input, jobs[one.index], what);
      if (one.status === 'rejected' && this.#mayBeRefused(one.reason)) continue;
      assert.equal(one.status === 'rejected', one.input.fails !== undefined, `${what}: ${one.reason}`);
      assert.equal(this.marks[Mark.calls + one.input.index], 1, what);
    }
    assert.equal(seen.size, jobs.length, what);
  }

  async #submit(): Promise<void> {
    const jobs = this.#jobs(true).slice(0, 40);
    const own = { job: 0 };
    this.says.push(`${jobs.length} submits`);
    const outcomes = jobs.map(async (job) => {
      const isHere = this.#is(0.3);
      const call = isHere
        ? this.executor.submit((j: Job) => {
            own.job++;
            return work(j);
          }, job)
        : this.executor.submit(work, job);
      const cancels = this.#is(0.1);
      if (cancels) {
        this.#cancels = true;
        pause(this.#upTo(30)).then(() => call.cancel('by lot'));
      }
      try {
        await call;
        assert.equal(job.fails, undefined);
        assert.equal(this.marks[Mark.calls + job.index], 1);
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error;
        if (this.#mayBeRefused(error)) return;
        assert.equal((error as Error).message.endsWith(` ${job.index}`), true, String(error));
      }
      assert.ok(call.settled);
    });
    await Promise.all(outcomes);
  }

  /** From inside a call that runs here. */
  async #nested(): Promise<void> {
    const { executor } = this;
    const jobs = this.#jobs(false).slice(0, 30);
    this.says.push(`a call that makes ${jobs.length}`);
    const outer = executor.submit(async (): Promise<number> => {
      const half = jobs.length >> 1;
      const [mapped, ...submitted] = await Promise.all([
        executor.map(work, jobs.slice(0, half)),
        ...jobs.slice(half).map((job) => executor.submit(work, job)),
      ]);
      return (mapped as unknown[]).length + submitted.length;
    });
    try {
      assert.equal(await outer, jobs.length);
    } catch (error) {
      if (!this.#mayBeRefused(error)) throw error;
    }
  }

  async run(): Promise<void> {
    const parts: Promise<void>[] = [];
    for (let n = 1 + this.#upTo(4); n > 0; n--)
      parts.push(
        this.#of(
          () => this.#map(),
          () => this.#map(),
          () => this.#submit(),
          () => this.#nested(),
        )(),
      );
    const end = this.#of(undefined, undefined, {}, {}, { cancelPending: true }, { grace: 20 }, { cancelPending: true, grace: 0 });
    this.says.push(`shutdown ${JSON.stringify(end)}`);
    const settled = Promise.allSettled(parts);
    if (end === undefined) {
      for (const part of await settled) if (part.status === 'rejected') throw part.reason;
      await this.executor.shutdown();
    } else {
      if (Object.keys(end).length > 0) this.#cancels = true;
      await pause(this.#upTo(200));
      await this.executor.shutdown(end);
      for (const part of await settled) if (part.status === 'rejected') throw part.reason;
    }
    const stats = this.executor.stats();
    assert.deepEqual([stats.queued, stats.workers], [0, 0], JSON.stringify(stats));
    for (const [i, times] of this.marks.subarray(Mark.calls).entries()) assert.ok(times <= 1, `call ${i} ran ${times} times`);
    for (const { reason, to } of this.executor.decisions()) assert.ok(reason.length > 0 && to.workers >= 1 && to.concurrency >= 1);
    const nests = this.says.some((what) => what.startsWith('a call that makes'));
    if (this.most !== undefined && !this.#cancels && !nests)
      assert.ok(this.marks[Mark.peak] <= this.most, `${this.marks[Mark.peak]} calls at a time`);
  }
}

test(`AutoExecutors lose and double nothing, whatever happens (seed ${seed})`, { timeout: FOR + 2 * HANGS }, async (t) => {
  const end = performance.now() + FOR;
  let rounds = 0;
  for (; performance.now() < end; rounds++) {
    const round = new Round(lots(seed + rounds));
    let timer: NodeJS.Timeout | undefined;
    const hangs = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`hangs: ${JSON.stringify(round.executor.stats())}`)), HANGS);
    });
    try {
      await Promise.race([round.run(), hangs]);
    } catch (error) {
      const decisions = round.executor
        .decisions()
        .map(({ at, to, reason }) => `${at.toFixed()} ${JSON.stringify(to)} ${reason.slice(0, 100)}`);
      throw new Error([`seed ${seed + rounds}: ${(error as Error).stack}`, ...round.says, ...decisions].join('\n  '), { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }
  t.diagnostic(`${rounds} rounds`);
});
