import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Executor, Future } from 'meantime/futures';
import { wait } from 'meantime/futures';
import { ProcessPoolExecutor, type ProcessPoolOptions } from 'meantime/processes';
import { ThreadPoolExecutor } from 'meantime/threads';
import * as calls from './calls.js';
import { children, descendants } from './leftovers.js';
import type { Lots } from './lots.js';
import { type Made, nameOf, type Tally } from './tally.js';

export type Kind = 'threads' | 'processes';

/** The most calls that are out at a time. */
const MOST = 60;
/** How long nothing at all may happen before it is said to hang, in ms: longer than the longest pause of a pool whose workers cannot start. */
const PATIENCE = 40_000;

/** How much longer a pool may have that has not run anything yet, in ms. */
const SLOW = 10_000;

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const weights = {
  tiny: 40,
  burst: 4,
  pauses: 10,
  spins: 6,
  echoes: 4,
  throws: 4,
  exits: 2,
  exitsLater: 1,
  rejectsOutside: 1,
  burns: 1,
  listens: 4,
  isDeaf: 2,
  unsendable: 2,
  counts: 2,
  map: 2,
};

/** What is submitted as it is, with its job alone. */
const plain: Readonly<Record<string, (job: calls.Job) => unknown>> = {
  tiny: calls.tiny,
  pauses: calls.pauses,
  spins: calls.spins,
  throws: calls.throws,
  exits: calls.exits,
  exitsLater: calls.exitsLater,
  rejectsOutside: calls.rejectsOutside,
  burns: calls.burns,
  listens: calls.listens,
  isDeaf: calls.isDeaf,
  eatsMemory: calls.eatsMemory,
  nests: calls.nests,
};

let nextId = 0;

/** The life of one pool: what it is given, what is done to it, and how it ends. */
export class Storm {
  readonly #kind: Kind;
  readonly #lots: Lots;
  readonly #tally: Tally;
  readonly #log: string;
  readonly #pool: Executor;
  readonly #name: string;
  readonly #made: Made[] = [];
  readonly #beside: Promise<unknown>[] = [];
  readonly #eats: boolean;
  #over = false;

  constructor(kind: Kind, folder: string, lots: Lots, tally: Tally) {
    this.#kind = kind;
    this.#lots = lots;
    this.#tally = tally;
    this.#log = join(folder, `${kind}-${nextId}.log`);
    this.#eats = lots.oneIn(3);
    const options: ProcessPoolOptions = { workers: lots.between(1, 3), concurrency: lots.of([1, 1, 4]), grace: lots.of([0, 20, 100]) };
    if (lots.oneIn(3)) options.maxCallsPerWorker = lots.between(1, 50);
    if (lots.oneIn(3)) options.idleTimeout = lots.between(1, 50);
    if (this.#eats) options.memoryLimit = lots.between(16, 32) * 2 ** 20;
    this.#name = `${kind} ${JSON.stringify(options)}`;
    this.#pool = kind === 'threads' ? new ThreadPoolExecutor(options) : new ProcessPoolExecutor(options);
  }

  /** Goes on for so many ms, then shuts the pool down. */
  async run(ms: number): Promise<void> {
    const until = performance.now() + ms;
    const killing = this.#kind === 'processes' ? this.#kill() : Promise.resolve();
    // Where the machine is busy a worker may need long to start; a pool that has done nothing has shown nothing.
    while (performance.now() < until || (this.#written() === 0 && performance.now() < until + SLOW)) {
      this.#act();
      if (this.#lots.oneIn(8)) await pause(this.#lots.between(0, 8));
      const out = this.#made.filter(({ future }) => !future.settled).map(({ future }) => future);
      if (out.length > MOST) await wait(out, { until: 'any', timeout: 1000 });
    }
    const early = await this.#shutDown();
    this.#over = true;
    await killing;
    const beside = await this.#inTime(Promise.all(this.#beside));
    if (!beside) this.#tally.fault(`${this.#name}: a map or a stream has not ended though the pool was shut down`);
    this.#tally.check(this.#name, this.#made, this.#log, early);
  }

  /** @returns whether calls may have been cancelled by it. */
  async #shutDown(): Promise<boolean> {
    const lots = this.#lots;
    const how = lots.of([{}, {}, { cancelPending: true }, { cancelPending: true, grace: 0 }, { grace: 50 }, { grace: 500 }]);
    // A drain waits for what nobody ends: those that never end by themselves are all limited or cancelled.
    const ends = [this.#pool.shutdown(how)];
    if (lots.oneIn(4)) ends.push(this.#pool.shutdown({ cancelPending: true, grace: 20 }));
    this.#tally.count('(shutdowns)', 'fulfilled');
    const late = this.#pool.submit(calls.tiny, this.#job());
    this.#note(late, 'late', { isRight: () => false });
    if (!(await this.#inTime(Promise.all(ends)))) {
      this.#tally.fault(
        `${this.#name}: shutdown(${JSON.stringify(how)}) hangs: ${JSON.stringify(this.#pool.stats())}; ${descendants().join('; ')}`,
      );
    }
    return ends.length > 1 || 'cancelPending' in how || 'grace' in how;
  }

  #job(): calls.Job {
    return { log: this.#log, id: nextId++, ms: this.#lots.between(0, 20) };
  }

  #note(future: Future<unknown>, what: string, more: Partial<Made> & Pick<Made, 'isRight'>): Made {
    const made: Made = { id: nextId - 1, what, retries: 0, future, limited: false, cancelled: false, ...more };
    future.catch(() => undefined); // it is looked at when the pool has been shut down
    this.#made.push(made);
    return made;
  }

  #act(): void {
    const lots = this.#lots;
    if (this.#eats && lots.oneIn(60)) return this.#submit('eatsMemory');
    if (this.#kind === 'processes' && lots.oneIn(150)) return this.#submit('nests');
    const what = lots.weighted(weights);
    if (what === 'burst') for (let n = lots.between(10, 80); n > 0; n--) this.#submit('tiny');
    else if (what === 'map') this.#map();
    else if (what === 'counts') this.#stream();
    else if (what === 'unsendable') this.#unsendable();
    else this.#submit(what);
  }

  #submit(what: string): void {
    const lots = this.#lots;
    const retries = lots.oneIn(6) ? lots.between(1, 2) : 0;
    const endless = ['burns', 'listens', 'isDeaf', 'rejectsOutside'].includes(what);
    const timeout = endless || lots.oneIn(20) ? lots.between(0, 60) : undefined;
    const deadline = (endless && lots.oneIn(3)) || lots.oneIn(40) ? lots.between(0, 100) : undefined;
    const cancels = lots.oneIn(25);
    const controller = cancels && lots.oneIn(2) ? new AbortController() : undefined;
    const pool = this.#pool.with({ retries, timeout, deadline, signal: controller?.signal, priority: lots.between(0, 2), name: what });
    const job = this.#job();
    const bytes = new Uint8Array(what === 'echoes' ? lots.between(1, 300_000) : 0).fill(job.id);
    const future = what === 'echoes' ? pool.submit(calls.echoes, { ...job, bytes }) : pool.submit(plain[what], job);
    const isRight =
      what === 'echoes'
        ? (value: unknown) => Buffer.compare((value as { bytes: Uint8Array }).bytes, bytes) === 0
        : (value: unknown) => value === job.id;
    const made = this.#note(future, what, { isRight, retries, limited: timeout !== undefined || deadline !== undefined });
    if (!cancels) return;
    const cancel = () => {
      if (future.settled) return;
      made.cancelled = true;
      if (controller) controller.abort();
      else future.cancel('by the storm');
    };
    if (lots.oneIn(3)) cancel();
    else this.#beside.push(pause(lots.between(0, 40)).then(cancel));
  }

  #unsendable(): void {
    const job = this.#job();
    const made = this.#note(this.#pool.submit(calls.tiny, { ...job, fn: () => 1 } as calls.Job), 'unsendable', { isRight: () => false });
    this.#beside.push(
      made.future.then(
        () => undefined,
        () => undefined,
      ),
    );
  }

  #map(): void {
    const lots = this.#lots;
    const bad = lots.oneIn(2) ? lots.between(0, 99) : -1;
    const retries = lots.oneIn(4) ? 1 : 0;
    const inputs = Array.from({ length: 100 }, (_, i) => ({ ...this.#job(), bad: i === bad }));
    const results = this.#pool.map(calls.maps, inputs, { onError: 'settle', retries, chunk: lots.of([1, 7, 'auto'] as const) });
    const reading = (async () => {
      const seen = await results;
      const ids = new Set(Array.from(seen, (end) => end?.input.id));
      if (seen.length !== 100 || ids.size !== 100)
        this.#tally.fault(`${this.#name}: a map of 100 gave ${seen.length} ends of ${ids.size} inputs`);
      for (const end of seen) {
        if (end.status === 'fulfilled' && end.value !== end.input.id)
          this.#tally.fault(`${this.#name}: a map gave ${end.value} for ${end.input.id}`);
        this.#tally.count('map inputs', end.status === 'fulfilled' ? 'fulfilled' : nameOf(end.reason));
      }
    })();
    // A shutdown may refuse what a map has not yet sent, and cancel the rest.
    this.#beside.push(reading.catch((error) => this.#tally.count('maps', nameOf(error))));
    this.#tally.mapped(this.#log, inputs, retries);
  }

  #stream(): void {
    const job = this.#job();
    const stopAt = this.#lots.oneIn(2) ? this.#lots.between(1, 99) : 100;
    const reading = (async () => {
      let next = 0;
      for await (const n of this.#pool.stream(calls.counts, job)) {
        if (n !== next) this.#tally.fault(`${this.#name}: a stream gave ${n} instead of ${next}`);
        if (++next === stopAt) break;
      }
      return next === stopAt ? 'fulfilled' : 'cut short';
    })();
    this.#tally.mapped(this.#log, [job], 0);
    this.#beside.push(
      reading.then(
        (end) => {
          this.#tally.count('streams', end);
          if (end === 'cut short') this.#tally.fault(`${this.#name}: a stream ended early without an error`);
        },
        (error) => this.#tally.count('streams', nameOf(error)),
      ),
    );
  }

  /** Whether it ends, as long as anything else does. */
  async #inTime(promise: Promise<unknown>): Promise<boolean> {
    let ended = false;
    const end = promise.then(() => {
      ended = true;
    });
    const progress = () => {
      const { done, failed, lost } = this.#pool.stats();
      return done + failed + lost + this.#written();
    };
    let [seen, since] = [progress(), performance.now()];
    while (!ended && performance.now() - since < PATIENCE) {
      await Promise.race([end, pause(250)]);
      const now = progress();
      if (now !== seen) [seen, since] = [now, performance.now()];
    }
    return ended;
  }

  /** How much the calls have noted so far, in bytes. */
  #written(): number {
    return statSync(this.#log, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** Children are killed with -9, whatever they do: mostly those that have run something since the last kill, now and then one that starts. */
  async #kill(): Promise<void> {
    let read = 0;
    while (!this.#over) {
      await pause(this.#lots.between(5, 150));
      const all = children();
      if (all.length === 0 || this.#over) continue;
      const written = this.#written();
      const worked = new Set(readFileSync(this.#log, { encoding: 'utf8', flag: 'a+' }).slice(read).split(/\W/).map(Number));
      read = written;
      const victims = all.filter((pid) => worked.has(pid));
      if (victims.length === 0 && !this.#lots.oneIn(100)) continue;
      process.kill(this.#lots.of(victims.length > 0 ? victims : all), 'SIGKILL');
      this.#tally.count('(kill -9)', 'fulfilled');
    }
  }
}
