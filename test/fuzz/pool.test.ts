import assert from 'node:assert/strict';
import { add } from '../fixtures/calls/calls.js';
import { campaign, inside } from './campaign.js';
import { anyValue, type Lots, mutate } from './mutate.js';

/*
 * A pool whose workers say anything: every call settles, and what is lost says why. The pool and
 * its seats are the real ones; the connection is in memory, so that a worker costs nothing.
 */

const { Pool } = await inside('pool/pool.js');
const { PoolExecutor } = await inside('pool/pool-executor.js');
const { onLateError } = await inside('core/late-error.js');
// Idle workers that say nonsense are warned of, each of them.
onLateError(() => undefined);

interface Events {
  message(message: unknown): void;
  end(end: object): void;
}

const pick = <T>(lots: Lots, from: readonly T[]): T => from[Math.floor(lots() * from.length)];
const [CALLS, CHUNK, STREAM, END, NOW] = [1, 2, 3, 8, 7];

/** A worker: it hears what the pool says, and says what the lots say. */
class Wild {
  readonly carrier = 'clone';
  readonly id = 1;
  readonly #events: Events;
  readonly #lots: Lots;
  readonly #seqs: number[] = [];
  #over = false;
  #said = 0;

  constructor(events: Events, lots: Lots) {
    this.#events = events;
    this.#lots = lots;
    setImmediate(() => this.#say([6]));
  }

  post(message: unknown[]): void {
    const kind = (message[0] as number) & ~64;
    if (kind === END) setImmediate(() => this.#end(0));
    if (kind === CALLS || kind === CHUNK || kind === STREAM) this.#seqs.push(message[2] as number);
    if (kind === NOW) this.#seqs.push(message[1] as number);
    setImmediate(() => this.#go());
  }

  carries(): boolean {
    return true;
  }

  hold(): void {}

  kill(): void {
    setImmediate(() => this.#end(1));
  }

  #end(exitCode: number): void {
    if (this.#over) return;
    this.#over = true;
    this.#events.end({ exitCode, signal: null, stderr: '' });
  }

  #say(message: unknown): void {
    if (!this.#over) this.#events.message(message);
  }

  #go(): void {
    const lots = this.#lots;
    for (let times = Math.floor(lots() * 4); times > 0 && !this.#over; times--) {
      const plausible = this.#plausible();
      this.#say(lots() < 0.5 ? plausible : lots() < 0.1 ? anyValue(lots) : mutate(plausible, lots));
    }
    if (++this.#said > 8) this.#end(1);
    else if (!this.#over) setImmediate(() => this.#go());
  }

  /** Messages of a worker about the calls that it has. */
  #plausible(): unknown[] {
    const lots = this.#lots;
    const seq = this.#seqs.length > 0 ? pick(lots, this.#seqs) : 0;
    return pick<() => unknown[]>(lots, [
      () => [0, 1, seq, 'a result'],
      () => [0, 0.5, seq, 1, seq + 1, { a: [1] }],
      () => [64, 1, -seq - 1, 'an error'],
      () => [0, 1, seq, 3],
      () => [1, seq, 0, [1, 2], 2],
      () => [1, seq, 0, [1, 2, 3, 4], 4],
      () => [1, seq, 2, new Float64Array([1, 2]), 4],
      () => [66, seq, 0, 'failed'],
      () => [3, seq],
      () => [10, seq],
      () => [3, -1, 0],
      () => [4, seq],
      () => [5, seq, ['an item', 2]],
      () => [7, 'unfit'],
      () => [11],
      () => [69, seq, [['coded', { a: 1 }]]],
    ])();
  }
}

function* items(): Generator<number> {
  yield 1;
}

campaign({
  name: 'messages of workers',
  count: 300,
  each: 30,
  async one(lots) {
    const transport = {
      kind: 'thread',
      shares: lots() < 0.5,
      patience: 5,
      open: (_: unknown, __: unknown, events: Events) => new Wild(events, lots),
    };
    const executor = new PoolExecutor(new Pool('Wild', transport, { concurrency: 1, grace: 5, startTimeout: 1000 }, 2), true);
    const outcomes: Promise<unknown>[] = [];
    const seen = (error: { name?: string; code?: string; cause?: { code?: string } }): void => {
      const isOurs = error?.code?.startsWith('MEANTIME_') || error?.code === 'ABORT_ERR';
      const isTheirs = !(error instanceof Error) || error.message === 'an error';
      assert.ok(isOurs || isTheirs, String((error as Error)?.stack));
    };
    const look = (settled: Promise<unknown>): void => void outcomes.push(settled.then(() => undefined, seen));
    for (let i = 0; i < 4; i++) look((async () => await executor.submit(add, i, 1))());
    look((async () => await executor.map(Math.abs, [1, 2, 3, 4], { chunk: 4 }))());
    look(
      (async () => {
        for await (const _ of executor.stream(items));
      })(),
    );
    let late: NodeJS.Timeout | undefined;
    const hung = new Promise((_, reject) => {
      late = setTimeout(() => reject(new Error('a call has not settled')), 20_000);
    });
    await Promise.race([Promise.all(outcomes), hung]);
    await Promise.race([executor.shutdown({ cancelPending: true, grace: 0 }), hung]);
    clearTimeout(late);
  },
});
