import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CancelledError, WorkerLostError, WorkerStartError } from 'meantime';
import type { Future } from 'meantime/futures';
import { wait } from 'meantime/futures';
import { ProcessLock, ProcessPoolExecutor, ProcessQueue } from 'meantime/processes';
import { SharedLock, ThreadPoolExecutor } from 'meantime/threads';
import { takeItem, useLock } from './lock-calls.js';
import type { Lots } from './lots.js';
import type { Kind } from './storm.js';
import { nameOf, type Tally } from './tally.js';

/** How long a lock may take to be free when nobody has it any more, in ms: a death is noticed within a second. */
const PATIENCE = 10_000;
const MOST = 12;

let storms = 0;

const mayFail = (error: unknown) => [WorkerLostError, WorkerStartError, CancelledError].some((kind) => error instanceof kind);

/** A lock, and a queue, whose users die, are killed and are cancelled: nobody is inside with another, nothing comes twice, and at the end it is free. */
export class LockStorm {
  readonly #kind: Kind;
  readonly #lots: Lots;
  readonly #tally: Tally;
  readonly #path: string;
  readonly #pool: ThreadPoolExecutor | ProcessPoolExecutor;
  readonly #out = new Set<Future<unknown>>();

  constructor(kind: Kind, folder: string, lots: Lots, tally: Tally) {
    this.#kind = kind;
    this.#lots = lots;
    this.#tally = tally;
    this.#path = join(folder, `${kind}-lock-${storms++}`);
    const options = { workers: 3, grace: lots.of([0, 50]), maxCallsPerWorker: lots.of([5, Number.POSITIVE_INFINITY]) };
    this.#pool = kind === 'threads' ? new ThreadPoolExecutor(options) : new ProcessPoolExecutor(options);
  }

  async run(ms: number): Promise<void> {
    const until = performance.now() + ms;
    const lock = this.#kind === 'threads' ? new SharedLock() : new ProcessLock();
    const queue = this.#kind === 'threads' ? undefined : new ProcessQueue<number>(1_000_000);
    let [users, takers] = [0, 0];
    while (performance.now() < until) {
      const lots = this.#lots;
      const dies = lots.oneIn(8);
      if (queue !== undefined && lots.oneIn(2)) {
        await queue.put(takers++);
        this.#note('takers', this.#pool.submit(takeItem, queue, `${this.#path}.items`, dies));
      } else {
        const user = { lock, log: `${this.#path}.log`, inside: `${this.#path}.inside`, id: users++, ms: lots.between(0, 10), dies };
        this.#note('lock users', this.#pool.submit(useLock, { ...user, blocks: lots.oneIn(2) }));
      }
      if (this.#out.size >= MOST) await wait(this.#out, { until: 'any' });
    }
    await this.#pool.shutdown({ cancelPending: true, grace: 0 });
    if (this.#out.size > 0) this.#tally.fault(`${this.#kind}: ${this.#out.size} users of a lock have not settled`);
    await this.#checkFree(lock);
    if (queue) await this.#checkItems(queue, takers);
    rmSync(`${this.#path}.inside`, { force: true });
  }

  #note(what: string, future: Future<unknown>): void {
    this.#out.add(future);
    const cancel = this.#lots.oneIn(25);
    if (cancel) setTimeout(() => future.cancel('by the storm'), this.#lots.between(0, 50));
    future.then(
      (value) => this.#settled(what, future, typeof value === 'string' ? value : 'fulfilled'),
      (error) => {
        this.#settled(what, future, nameOf(error));
        if (!mayFail(error)) this.#tally.fault(`${this.#kind}: one of the ${what} failed with ${error}`);
      },
    );
  }

  #settled(what: string, future: Future<unknown>, end: string): void {
    this.#out.delete(future);
    this.#tally.count(what, end);
  }

  /** Nobody is left who could hold it. */
  async #checkFree(lock: SharedLock | ProcessLock): Promise<void> {
    try {
      (await lock.acquire({ timeout: PATIENCE })).release();
    } catch (error) {
      this.#tally.fault(`${this.#kind}: a lock is held though everybody who could is gone: ${error}`);
    }
    const lines = linesOf(`${this.#path}.log`);
    const [ins, outs] = ['in', 'out'].map((word) => lines.filter((line) => line.startsWith(`${word} `)));
    this.#tally.runs += ins.length;
    for (const list of [ins, outs]) if (new Set(list).size !== list.length) this.#tally.fault(`${this.#kind}: a user of a lock ran twice`);
  }

  /** What was put and not taken is still there; an item is missing only with whoever took it and died. */
  async #checkItems(queue: ProcessQueue<number>, put: number): Promise<void> {
    const taken = linesOf(`${this.#path}.items`).map(Number);
    const left = await queue.close({ discard: true });
    const seen = [...taken, ...left];
    if (new Set(seen).size !== seen.length) this.#tally.fault(`${this.#kind}: an item came twice`);
    const ends = this.#tally.counts.get('takers');
    const died = [...(ends ?? [])].reduce((sum, [end, n]) => (end === 'fulfilled' ? sum : sum + n), 0);
    if (put - seen.length > died)
      this.#tally.fault(`${this.#kind}: ${put - seen.length} items are lost, and ${died} of those who take them`);
    this.#tally.runs += taken.length;
  }
}

const linesOf = (path: string): string[] => (existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : []);
