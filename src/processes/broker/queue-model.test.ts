import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Asked } from './access.js';
import { ConditionBroker, ConditionOp, ConditionTell } from './condition-broker.js';
import { ToHandle } from './message.js';
import { QueueBroker, QueueOp, QueueTell } from './queue-broker.js';
import { type Account, type Mine, PARTIES, play, RUNS, type Said, SEED, type Step, World } from './trial.js';

const steps = (kinds: readonly string[]) =>
  fc.array(fc.record({ kind: fc.constantFrom(...kinds), p: fc.nat(PARTIES - 1), n: fc.integer({ min: 0, max: 7 }) }), { maxLength: 60 });

/** The moves that every kind has; several are there more than once, so that they are drawn more often. */
const common = ['up', 'up', 'up', 'down', 'down', 'cancel'];

function run(name: string, kinds: readonly string[], body: (all: readonly Step[]) => Promise<void>): void {
  test(`${name}: ${RUNS} random runs, seed ${SEED}`, async () => {
    await fc.assert(fc.asyncProperty(steps([...common, ...kinds]), body), { numRuns: RUNS, seed: SEED });
  });
}

interface Entry {
  p: number;
  id: number;
}

/** A lock and two lines: of those who want it, and of those who sleep until they are woken. */
function conditionAccount(say: (p: number, ...said: Said) => void): Account {
  type Waiter = Entry & { hold?: Entry; cut: boolean };
  let holder: Entry | undefined;
  let abandoned = false;
  let told: Entry | undefined;
  let [line, asleep]: Waiter[][] = [[], []];
  const is = (p: number, id: number) => (e: Entry) => e.p === p && e.id === id;
  const pass = () => {
    const next = holder === undefined ? line.shift() : undefined;
    if (next === undefined) return;
    holder = next.hold ?? next;
    if (abandoned) told = holder;
    if (next.hold === undefined) say(next.p, next.id, ToHandle.HELD, abandoned);
    else say(next.p, next.id, ToHandle.GIVEN, [next.cut, abandoned]);
    abandoned = false;
  };
  const free = (p: number, id: number) => {
    if (holder === undefined || !is(p, id)(holder)) return;
    holder = undefined;
    pass();
  };
  return {
    ask(p, op, id, other) {
      if (op === ConditionOp.WAIT) {
        if (holder === undefined || !is(p, other)(holder)) return say(p, id, ToHandle.REFUSED, 'NotHeldError');
        asleep.push({ p, id, hold: holder, cut: false });
        return free(p, other);
      }
      line.push({ p, id, cut: false });
      pass();
    },
    cancel(p, id) {
      line = line.filter((e) => !is(p, id)(e));
      if (holder !== undefined && is(p, id)(holder) && holder === told) abandoned = true;
      free(p, id);
    },
    interrupt(p, id) {
      const sleeper = asleep.find(is(p, id));
      if (sleeper === undefined) return;
      asleep = asleep.filter((e) => e !== sleeper);
      sleeper.cut = true;
      line.push(sleeper);
      pass();
    },
    release: free,
    tell(p, id, op, n) {
      if (op !== ConditionTell.NOTIFY || holder === undefined || !is(p, id)(holder)) return;
      line.push(...asleep.splice(0, n as number));
    },
    gone(p) {
      line = line.filter((e) => e.p !== p);
      asleep = asleep.filter((e) => e.p !== p);
      if (holder?.p !== p) return;
      abandoned = true;
      holder = undefined;
      pass();
    },
  };
}

run('condition', ['acquire', 'acquire', 'sleep', 'sleep', 'notify', 'release', 'interrupt', 'die'], async (all) => {
  const world = new World(new ConditionBroker(), conditionAccount);
  /** Which wait each hold has lent itself to. */
  const lent = new Map<Mine, Mine>();
  const waits = new Set<Mine>();
  const holding = (p: number, n: number): Mine | undefined => {
    const all = world.alive[p]
      ? world.mine[p].filter((m) => m.state === 'given' && !waits.has(m) && (lent.get(m)?.state ?? 'given') === 'given')
      : [];
    return all[n % all.length];
  };
  await play(
    world,
    all,
    ({ kind, p, n }) => {
      if (kind === 'acquire') return world.ask(p, ConditionOp.ACQUIRE);
      if (kind === 'interrupt') {
        const wait = [...waits].filter((m) => m.state === 'waiting' && world.mine[p].includes(m))[n];
        if (wait !== undefined && world.alive[p]) wait.asked.interrupt();
        return;
      }
      const held = holding(p, n);
      if (held === undefined) return;
      if (kind === 'notify') world.access[p].tell(ConditionTell.NOTIFY, held.asked, 1 + (n % 2));
      else if (kind === 'release') {
        held.state = 'over';
        held.asked.release();
      } else {
        world.ask(p, ConditionOp.WAIT, undefined, held);
        const wait = world.mine[p].at(-1) as Mine;
        waits.add(wait);
        lent.set(held, wait);
      }
      const holders = world.mine.flatMap((_, party) => (holding(party, 0) === undefined ? [] : [party]));
      assert.ok(holders.length <= 1, 'one party holds it');
    },
    (mine) => !waits.has(mine),
  );
  await world.settle();
});

/** A queue whose getters take one at a time, with no deaths of items: served at once, in order. */
function queueAccount(capacity: number, say: (p: number, ...said: Said) => void): Account {
  type Item = Entry & { data: unknown };
  let [items, putters, getters, joiners]: [Item[], Item[], Entry[], Entry[]] = [[], [], [], []];
  let [unfinished, closed] = [0, false];
  const refuse = (e: Entry) => say(e.p, e.id, ToHandle.REFUSED, 'QueueClosedError');
  const finished = (n: number) => {
    unfinished = Math.max(0, unfinished - n);
    if (unfinished === 0) for (const e of joiners.splice(0)) say(e.p, e.id, ToHandle.GIVEN, undefined);
  };
  const serve = () => {
    for (;;) {
      if (putters.length > 0 && items.length < capacity) {
        const putter = putters.shift() as Item;
        items.push(putter);
        unfinished++;
        say(putter.p, putter.id, ToHandle.GIVEN, true);
      } else if (getters.length > 0 && items.length > 0) {
        const getter = getters.shift() as Entry;
        say(getter.p, getter.id, ToHandle.GIVEN, [(items.shift() as Item).data]);
      } else break;
    }
    if (closed && items.length === 0) getters.splice(0).forEach(refuse);
  };
  return {
    ask(p, op, id, _, data) {
      const e = { p, id, data };
      if (op === QueueOp.PUT || op === QueueOp.TRY_PUT) {
        if (closed) refuse(e);
        else if (op === QueueOp.TRY_PUT && (items.length >= capacity || putters.length > 0)) say(p, id, ToHandle.GIVEN, false);
        else putters.push(e);
      } else if (op === QueueOp.GET || op === QueueOp.TRY_GET) {
        if (op === QueueOp.TRY_GET && items.length === 0) {
          if (closed) refuse(e);
          else say(p, id, ToHandle.GIVEN, []);
        } else getters.push(e);
      } else if (op === QueueOp.CLOSE || op === QueueOp.DISCARD) {
        closed = true;
        putters.splice(0).forEach(refuse);
        const left = op === QueueOp.DISCARD ? items.splice(0).map((i) => i.data) : [];
        if (left.length > 0) finished(left.length);
        serve();
        say(p, id, ToHandle.GIVEN, left);
      } else if (op === QueueOp.TASK_DONE) {
        if (unfinished === 0) return say(p, id, ToHandle.REFUSED, 'NotHeldError');
        finished(1);
        say(p, id, ToHandle.GIVEN, undefined);
      } else if (op === QueueOp.JOIN) {
        if (unfinished === 0) say(p, id, ToHandle.GIVEN, undefined);
        else joiners.push(e);
      } else if (op === QueueOp.SIZE) say(p, id, ToHandle.GIVEN, items.length);
      serve();
    },
    cancel(p, id) {
      const other = (e: Entry) => e.p !== p || e.id !== id;
      const recalled = items.length;
      [items, putters, getters, joiners] = [items.filter(other), putters.filter(other), getters.filter(other), joiners.filter(other)];
      const isBack = items.length < recalled;
      if (isBack) finished(1);
      serve();
      return isBack;
    },
    tell(_p, _id, op, data) {
      if (op === QueueTell.GIVE_BACK) items.unshift(...(data as unknown[]).map((item) => ({ p: -1, id: -1, data: item })));
      serve();
    },
    gone(p) {
      const other = (e: Entry) => e.p !== p;
      [putters, getters, joiners] = [putters.filter(other), getters.filter(other), joiners.filter(other)];
      serve();
    },
  };
}

const queueOps: Record<string, number> = {
  put: QueueOp.PUT,
  tryPut: QueueOp.TRY_PUT,
  get: QueueOp.GET,
  tryGet: QueueOp.TRY_GET,
  close: QueueOp.CLOSE,
  discard: QueueOp.DISCARD,
  done: QueueOp.TASK_DONE,
  join: QueueOp.JOIN,
  size: QueueOp.SIZE,
};

/** Plays on a queue, and gives every item that was put, and where each of them is in the end. */
async function playQueue(all: readonly Step[], capacity: number, most: (n: number) => number, checked: boolean): Promise<void> {
  const broker = new QueueBroker(capacity);
  const world = new World(
    broker,
    (say) => (checked ? queueAccount(capacity, say) : { ask() {}, cancel: () => undefined, gone() {} }),
    checked,
  );
  world.late = (p, items) => {
    if (Array.isArray(items) && items.length > 0) world.access[p].tell(QueueTell.GIVE_BACK, undefined, items);
  };
  let last = 0;
  const put = new Map<Mine, number>();
  await play(world, all, ({ kind, p, n }) => {
    if ((kind === 'close' || kind === 'discard') && (n > 0 || !checked)) return;
    if (!world.alive[p]) return;
    const isPut = kind === 'put' || kind === 'tryPut';
    world.ask(p, queueOps[kind], isPut ? ++last : most(n));
    if (isPut) put.set(world.mine[p].at(-1) as Mine, last);
  });
  await world.settle();
  if (checked) return;
  // Those that were taken in and not called back are somewhere, once: given, or still in it, or lost with one who died.
  const dead = world.alive.some((alive) => !alive);
  const given = world.mine.flat().flatMap((m) => (m.state === 'given' && Array.isArray(m.value) ? (m.value as number[]) : []));
  assert.equal(new Set(given).size, given.length, 'none is given twice');
  const left = await drain(broker);
  const found = new Set([...given, ...left]);
  assert.equal(found.size, given.length + left.length, 'none is given and still there');
  for (const [mine, item] of put) {
    if (mine.state === 'given' && mine.value === true && !dead) assert.ok(found.has(item), `the item ${item} was taken in, and is nowhere`);
    if (mine.state === 'over') assert.ok(!left.includes(item) || mine.value === true, `the put of ${item} was cancelled, and it is there`);
  }
}

async function drain(broker: QueueBroker): Promise<number[]> {
  const { LocalAccess } = await import('./local-access.js');
  const left: number[] = [];
  const access = new LocalAccess(broker);
  for (let more = true; more; )
    access.ask(QueueOp.TRY_GET, 1, {
      given: (items: unknown, _asked: Asked) => {
        more = (items as number[]).length > 0;
        left.push(...(items as number[]));
      },
      refused: () => {
        more = false;
      },
    });
  return left;
}

const moves = ['put', 'put', 'put', 'tryPut', 'get', 'get', 'get', 'tryGet', 'done', 'join', 'size', 'die'];
run('queue, one item at a time', [...moves, 'close', 'discard'], (all) => playQueue(all, 2, () => 1, true));
run('queue, many items at a time', moves, (all) => playQueue(all, 3, (n) => 1 + n, false));
