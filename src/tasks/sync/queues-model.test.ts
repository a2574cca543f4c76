import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sleep } from '../sleep.js';
import { LifoQueue } from './lifo-queue.js';
import { PriorityQueue } from './priority-queue.js';
import { Queue } from './queue.js';
import { Ask, inVirtualTime, quiet, SEED } from './trial.js';

/*
 * Every queue against a model of itself: random commands, several of them in one turn, and after each turn everybody must be where the model says.
 */

/** `rank` orders a priority queue; `id` tells apart what is equal. */
interface Item {
  readonly rank: number;
  readonly id: number;
}

/** The rules of one queue: which of the items, in the order in which they came in, leaves next. */
interface Rules {
  next(items: readonly Item[]): number;
  make(capacity: number): Queue<Item>;
}

const rules: Record<string, Rules> = {
  Queue: { next: () => 0, make: (capacity) => new Queue(capacity) },
  LifoQueue: { next: (items) => items.length - 1, make: (capacity) => new LifoQueue(capacity) },
  PriorityQueue: {
    next: (items) => items.indexOf(items.reduce((best, item) => (item.rank < best.rank ? item : best))),
    make: (capacity) => new PriorityQueue(capacity, { before: (a, b) => a.rank < b.rank }),
  },
};

type Command =
  | { kind: 'put'; rank: number; generator: boolean; patience: number | undefined }
  | { kind: 'get'; generator: boolean; patience: number | undefined; iterator: boolean }
  | { kind: 'tryPut'; rank: number }
  | { kind: 'tryGet' }
  | { kind: 'cancel'; which: number }
  | { kind: 'close'; discard: boolean }
  | { kind: 'turn' };

/** One who asked, as the model sees it: what is to come of it, if that is known. */
interface Place {
  readonly ask: Ask<unknown>;
  /** What it has in hand; `undefined` gets. */
  readonly item: Item | undefined;
  readonly until: number;
  readonly iterator: boolean;
  due: unknown;
}

const WAITS = 'waits';

class Model {
  readonly #rules: Rules;
  readonly #capacity: number;
  readonly #queue: Queue<Item>;
  readonly #places: Place[] = [];
  readonly #items: Item[] = [];
  #closed = false;
  #ids = 0;
  #time = 0;

  constructor(each: Rules, capacity: number) {
    this.#rules = each;
    this.#capacity = capacity;
    this.#queue = each.make(capacity);
  }

  async run(commands: readonly Command[]): Promise<void> {
    for (const command of commands) {
      if (command.kind === 'turn') await this.#turn();
      else this.#do(command);
    }
    await this.#turn();
    this.#close(false);
    while (this.#items.length > 0) assert.equal(this.#queue.tryGet(), this.#take());
    await this.#turn();
    assert.equal(this.#waiting().length, 0);
  }

  #do(command: Exclude<Command, { kind: 'turn' }>): void {
    if (command.kind === 'put') this.#put({ rank: command.rank, id: this.#ids++ }, command);
    else if (command.kind === 'get') this.#get(command);
    else if (command.kind === 'tryPut') this.#tryPut({ rank: command.rank, id: this.#ids++ });
    else if (command.kind === 'tryGet') this.#tryGet();
    else if (command.kind === 'close') this.#close(command.discard);
    else if (this.#places.length > 0) {
      const place = this.#places[command.which % this.#places.length];
      place.ask.cancel();
      if (place.due === WAITS) place.due = 'AbortError';
    }
  }

  #put(item: Item, { generator, patience }: Extract<Command, { kind: 'put' }>): void {
    const ask = new Ask<unknown>(() => this.#queue.put(item), generator, limit(patience));
    const due = this.#closed ? 'QueueClosedError' : this.#accept(item) ? { value: undefined } : WAITS;
    this.#places.push({ ask, item, until: this.#time + limit(patience), iterator: false, due });
  }

  #get({ generator, patience, iterator }: Extract<Command, { kind: 'get' }>): void {
    const ask = iterator
      ? new Ask<unknown>(() => this.#queue[Symbol.asyncIterator]().next() as never, generator, limit(patience))
      : new Ask<unknown>(() => this.#queue.get(), generator, limit(patience));
    const place: Place = { ask, item: undefined, until: this.#time + limit(patience), iterator, due: WAITS };
    this.#places.push(place);
    if (this.#items.length > 0) give(place, this.#take());
    else if (this.#closed) refuse(place);
  }

  #tryPut(item: Item): void {
    if (this.#closed) assert.throws(() => this.#queue.tryPut(item), { name: 'QueueClosedError' });
    else assert.equal(this.#queue.tryPut(item), this.#accept(item));
  }

  #tryGet(): void {
    if (this.#items.length > 0) assert.equal(this.#queue.tryGet(), this.#take());
    else if (this.#closed) assert.throws(() => this.#queue.tryGet(), { name: 'QueueClosedError' });
    else assert.equal(this.#queue.tryGet(), undefined);
  }

  #close(discard: boolean): void {
    const left = this.#queue.close({ discard });
    this.#closed = true;
    for (const place of this.#waiting()) refuse(place);
    const expected: Item[] = [];
    while (discard && this.#items.length > 0) expected.push(this.#take() as Item);
    assert.deepEqual(left, expected);
  }

  /** 1 ms passes: half way through the time limits that end in it ring. */
  async #turn(): Promise<void> {
    await quiet();
    this.#compare();
    const before = this.#time++;
    await sleep(1 - 1e-3);
    for (const place of this.#waiting()) if (place.until > before && place.until < this.#time) place.due = 'AbortError';
    this.#compare();
  }

  #compare(): void {
    for (const [i, { ask, due }] of this.#places.entries()) assert.deepEqual(ask.outcome ?? WAITS, due, `number ${i}`);
    const putting = this.#waiting().filter(({ item }) => item !== undefined).length;
    const { size, closed, capacity } = this.#queue;
    assert.deepEqual({ size, closed, capacity }, { size: this.#items.length, closed: this.#closed, capacity: this.#capacity });
    assert.equal(this.#queue.putting, putting);
    assert.equal(this.#queue.getting, this.#waiting().length - putting);
  }

  #accept(item: Item): boolean {
    const getter = this.#waiting().find((place) => place.item === undefined);
    if (getter !== undefined) give(getter, item);
    else if (this.#items.length < this.#capacity) this.#items.push(item);
    else return false;
    return true;
  }

  #take(): Item | undefined {
    const [item] = this.#items.splice(this.#rules.next(this.#items), 1);
    const putter = this.#waiting().find((place) => place.item !== undefined);
    if (putter !== undefined) {
      this.#items.push(putter.item as Item);
      putter.due = { value: undefined };
    }
    return item;
  }

  #waiting(): Place[] {
    return this.#places.filter(({ due }) => due === WAITS);
  }
}

const limit = (patience: number | undefined): number => (patience === undefined ? Number.POSITIVE_INFINITY : patience + 0.5);

function give(place: Place, item: Item | undefined): void {
  place.due = { value: place.iterator ? { done: false, value: item } : item };
}

function refuse(place: Place): void {
  place.due = place.iterator ? { value: { done: true, value: undefined } } : 'QueueClosedError';
}

const rank = fc.integer({ min: 0, max: 3 });
const patience = fc.option(fc.nat({ max: 4 }), { nil: undefined, freq: 2 });
const waits = { generator: fc.boolean(), patience };
const commands: fc.Arbitrary<Command[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('put' as const), rank, ...waits }) },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('get' as const), iterator: fc.boolean(), ...waits }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('tryPut' as const), rank }) },
    { weight: 2, arbitrary: fc.constant({ kind: 'tryGet' as const }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('cancel' as const), which: fc.nat({ max: 40 }) }) },
    { weight: 4, arbitrary: fc.constant({ kind: 'turn' as const }) },
  ),
  { maxLength: 60, size: 'max' },
);
/** The end, now and then: most of the time a queue is open. */
const ending: fc.Arbitrary<Command[]> = fc.oneof(
  fc.constant<Command[]>([]),
  fc.tuple(fc.record({ kind: fc.constant('close' as const), discard: fc.boolean() }), commands).map(([close, more]) => [close, ...more]),
);

for (const [name, each] of Object.entries(rules)) {
  test(`${name} does what its model does: no item lost, none twice, nobody passed over`, async (t) => {
    t.diagnostic(`SEED=${SEED}`);
    await fc.assert(
      fc.asyncProperty(commands, ending, fc.constantFrom(1, 2, 3, Number.POSITIVE_INFINITY), (before, after, capacity) =>
        inVirtualTime(() => new Model(each, capacity).run([...before, ...after])),
      ),
      { seed: SEED, numRuns: 150 },
    );
  });
}
