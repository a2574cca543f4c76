import type { Task, TaskGroup } from 'meantime/tasks';
import type { Choice, Form, Steps, Waitable } from './forms.js';
import { CELL, type Program, type Step, type Trace, type Try } from './program.js';
import type { Runtime } from './runtime.js';

type Of<K extends Step['do']> = Extract<Step, { readonly do: K }>;
/** That one of the steps was `return`. */
type Returned = { readonly value: number };
type Done = Returned | undefined;

/** What is held, and how it is given back. */
type Held = { readonly on: string; readonly guard: { release(): void } };
type CondGuard = { release(): void; wait(): Waitable<void>; notify(n?: number): void };
type Limit = { reschedule(at: number): boolean };

/** A task as its own steps see it. Those inside a block may be of the other form. */
interface Me {
  readonly name: string;
  readonly place: number;
  readonly form: Form;
  readonly group: TaskGroup | undefined;
  readonly limit: Limit | undefined;
  readonly held: Held[];
  readonly conditions: Readonly<Record<string, CondGuard>>;
}

/** Runs one program in Meantime. The same as runner.py, step by step. */
export class Interpreter {
  readonly #lib: Runtime;
  readonly #program: Program;
  readonly #choice: Choice;
  readonly #start: number;
  readonly #places: readonly string[];
  readonly #shared: Readonly<Record<string, unknown>>;
  readonly #tasks: Record<string, Task<unknown>> = {};
  readonly #did: Record<string, string[]> = {};
  readonly #got: Record<string, string[]> = {};

  constructor(lib: Runtime, program: Program, choice: Choice) {
    this.#lib = lib;
    this.#program = program;
    this.#choice = choice;
    this.#start = lib.now();
    this.#places = Object.keys(program.tasks);
    this.#shared = Object.fromEntries(Object.entries(program.shared).map(([name, size]) => [name, this.#make(name, size)]));
  }

  async run(): Promise<Trace> {
    const main = this.#lib.run(this.#body('main', undefined), { handleSigint: false });
    this.#tasks.main = main as Task<unknown>;
    await Promise.allSettled([main]);
    const ended = Object.fromEntries(Object.entries(this.#tasks).map(([name, task]) => [name, this.#howEnded(task)]));
    return { did: this.#did, got: this.#got, ended };
  }

  #make(name: string, size: number): unknown {
    const { Lock, Semaphore, Event, Condition, Queue, Barrier } = this.#lib;
    switch (name[0]) {
      case 'l':
        return new Lock();
      case 's':
        return new Semaphore(size);
      case 'e':
        return new Event();
      case 'c':
        return new Condition();
      case 'q':
        return new Queue<number>(size);
      case 'b':
        return new Barrier(size);
    }
    throw new RangeError(`a shared thing's name begins with one of lsecqb, got ${name}`);
  }

  #time(): number {
    return this.#lib.now() - this.#start;
  }

  /** The n-th border of a cell from now. */
  #border(cells: number): number {
    return (Math.floor(this.#time() / CELL) + cells) * CELL;
  }

  #log(me: Me, what: string, on?: string): void {
    this.#did[me.name] ??= [];
    this.#did[me.name]?.push(`${this.#time()} ${what}`);
    if (on === undefined) return;
    this.#got[on] ??= [];
    this.#got[on]?.push(`${this.#time()} ${me.name} ${what}`);
  }

  // --- moving on to the task's own place in a cell

  /** @param further At least so many ms from now. */
  #rest(me: Me, further = 0): number {
    const rest = (me.place - this.#time() - further) % CELL;
    return (rest < 0 ? rest + CELL : rest) + further;
  }

  *#settle(me: Me): Steps<void> {
    const rest = this.#rest(me);
    if (rest > 0) yield* me.form.wait(() => this.#lib.sleep(rest));
  }

  *#settleShielded(me: Me, further = 0): Steps<void> {
    const rest = this.#rest(me, further);
    if (rest > 0) yield* me.form.wait(() => this.#lib.withShield(() => this.#lib.sleep(rest)) as Waitable<void>);
  }

  // --- tasks

  #body(name: string, group: TaskGroup | undefined): () => number | undefined {
    const form = this.#choice.form();
    const me: Me = { name, place: this.#places.indexOf(name) + 1, form, group, limit: undefined, held: [], conditions: {} };
    return form.body(() => this.#task(me));
  }

  *#task(me: Me): Steps<number | undefined> {
    this.#log(me, 'starts');
    let done: Done;
    try {
      yield* this.#settle(me);
      done = yield* this.#steps(me, this.#program.tasks[me.name] ?? []);
    } catch (error) {
      yield* this.#end(me, `ends by ${this.#said(error)}`);
      throw error;
    }
    yield* this.#end(me, done === undefined ? 'ends' : `ends with ${done.value}`);
    return done?.value;
  }

  *#end(me: Me, what: string): Steps<void> {
    yield* this.#settleShielded(me);
    for (let held = me.held.pop(); held !== undefined; held = me.held.pop()) held.guard.release();
    this.#log(me, what);
  }

  *#steps(me: Me, steps: readonly Step[]): Steps<Done> {
    for (const step of steps) {
      const done = yield* this.#step(me, step);
      if (done !== undefined) return done;
    }
    return undefined;
  }

  *#step(me: Me, step: Step): Steps<Done> {
    switch (step.do) {
      case 'sleep':
        yield* me.form.wait(() => this.#lib.sleep(this.#border(step.for) - this.#time()));
        this.#log(me, 'slept');
        return;
      case 'checkpoint':
        return yield* this.#waited(me, () => this.#lib.checkpoint(), 'passed a checkpoint');
      case 'get':
        return yield* this.#waited(me, () => this.#queue(step.on).get(), `got from ${step.on}`, step.on);
      case 'put':
        return yield* this.#waited(me, () => this.#queue(step.on).put(step.item), `put ${step.item} into ${step.on}`, step.on);
      case 'wait':
        return yield* this.#waited(me, () => this.#event(step.on).wait(), `saw ${step.on}`);
      case 'meet':
        return yield* this.#waited(me, () => this.#barrier(step.on).wait(), `met at ${step.on}`);
      case 'await':
        return yield* this.#waited(me, () => this.#guard(me, step.on).wait(), `was notified of ${step.on}`, step.on);
      case 'acquire':
        return yield* this.#acquire(me, step.on);
      case 'join':
        return yield* this.#join(me, step.task);
      case 'hold':
      case 'condition':
        return yield* this.#left(me, step.on, this.#hold(me, step));
      case 'with':
        return yield* this.#left(me, step.on, this.#with(me, step));
      case 'timeout':
        return yield* this.#left(me, 'a timeout', this.#timeout(me, step));
      case 'group':
        return yield* this.#left(me, 'a group', this.#group(me, step));
      case 'shield':
        return yield* this.#left(me, 'a shield', this.#shield(me, step));
      case 'gather':
        return yield* this.#left(me, 'a gather', this.#gather(me, step));
      case 'try':
        return yield* this.#try(me, step);
      case 'raise':
        // An error takes more turns to leave an async function than to leave a generator.
        yield* this.#settleShielded(me);
        throw new Raised(step.name);
      case 'return':
        return { value: step.value };
      default:
        this.#atOnce(me, step);
    }
    return undefined;
  }

  // --- waits

  *#waited<T>(me: Me, op: () => Waitable<T>, what: string, on?: string): Steps<undefined> {
    const value = yield* me.form.wait(op);
    this.#log(me, value === undefined ? what : `${what} ${value}`, on);
    yield* this.#settle(me);
  }

  *#acquire(me: Me, on: string): Steps<undefined> {
    const guard = yield* me.form.wait(() => this.#lock(on).acquire());
    me.held.push({ on, guard });
    this.#log(me, `acquired ${on}`, on);
    yield* this.#settle(me);
  }

  *#join(me: Me, name: string): Steps<undefined> {
    const task = this.#tasks[name];
    if (task === undefined) return;
    // An `await` looks at a thenable a turn later than a `yield*` does.
    yield* this.#settle(me);
    const value = yield* me.form.wait(() => task as Waitable<unknown>);
    this.#log(me, `joined ${name}${value === undefined ? '' : ` ${value}`}`);
    yield* this.#settle(me);
  }

  // --- what is done at once

  #atOnce(me: Me, step: Step): void {
    switch (step.do) {
      case 'tryAcquire': {
        const guard = this.#lock(step.on).tryAcquire();
        if (guard === undefined) return this.#log(me, `found ${step.on} taken`);
        me.held.push({ on: step.on, guard });
        return this.#log(me, `acquired ${step.on} at once`, step.on);
      }
      case 'release': {
        const index = me.held.findIndex((held) => held.on === step.on);
        if (index === -1) return;
        me.held.splice(index, 1)[0]?.guard.release();
        return this.#log(me, `released ${step.on}`);
      }
      case 'tryGet': {
        const item = this.#queue(step.on).tryGet();
        if (item === undefined) return this.#log(me, `found ${step.on} empty`);
        return this.#log(me, `got from ${step.on} at once ${item}`, step.on);
      }
      case 'tryPut':
        if (!this.#queue(step.on).tryPut(step.item)) return this.#log(me, `found ${step.on} full`);
        return this.#log(me, `put ${step.item} into ${step.on} at once`, step.on);
      case 'set':
        this.#event(step.on).set();
        return this.#log(me, `set ${step.on}`);
      case 'clear':
        this.#event(step.on).clear();
        return this.#log(me, `cleared ${step.on}`);
      case 'notify':
        this.#guard(me, step.on).notify(step.count);
        return this.#log(me, `notified ${step.count} of ${step.on}`);
      case 'spawn':
        this.#tasks[step.task] = (me.group as TaskGroup).spawn(this.#body(step.task, me.group));
        return this.#log(me, `spawned ${step.task}`);
      case 'cancel':
        if (this.#tasks[step.task] === undefined) return;
        this.#log(me, `cancels ${step.task}`);
        this.#tasks[step.task]?.cancel();
        return;
      case 'cancelGroup':
        if (me.group === undefined) return;
        this.#log(me, 'cancels its group');
        me.group.cancel();
        return;
      case 'reschedule':
        if (me.limit === undefined) return;
        return this.#log(me, `rescheduled: ${me.limit.reschedule(this.#start + this.#border(step.for)) ? 'yes' : 'no'}`);
      default:
        throw new RangeError(`unknown step ${JSON.stringify(step)}`);
    }
  }

  // --- blocks

  /** Runs a block, says how it was left, and settles before anything else happens. */
  *#left(me: Me, what: string, block: Steps<Done>): Steps<Done> {
    let done: Done;
    try {
      done = yield* block;
    } catch (error) {
      this.#log(me, `left ${what} by ${this.#said(error, true)}`);
      yield* this.#settleShielded(me);
      throw error;
    }
    this.#log(me, `left ${what}`);
    yield* this.#settle(me);
    return done;
  }

  /** Steps as the body of a block of the library: in a frame, and perhaps in a form, of their own. */
  #inside(me: Me, steps: (me: Me) => Steps<Done>): () => Done {
    const form = this.#choice.form();
    return form.body(() => steps({ ...me, form }));
  }

  *#held(me: Me, on: string, steps: readonly Step[]): Steps<Done> {
    try {
      this.#log(me, `holds ${on}`, on);
      yield* this.#settle(me);
      return yield* this.#steps(me, steps);
    } finally {
      yield* this.#settleShielded(me);
    }
  }

  *#hold(me: Me, { on, steps }: Of<'hold' | 'condition' | 'with'>): Steps<Done> {
    const thing = on.startsWith('c') ? this.#condition(on) : this.#lock(on);
    const guard = yield* me.form.wait<{ release(): void }>(() => thing.acquire());
    const inner = on.startsWith('c') ? { ...me, conditions: { ...me.conditions, [on]: guard as CondGuard } } : me;
    try {
      return yield* this.#held(inner, on, steps);
    } finally {
      guard.release();
      // Whoever was cut off there now has the lock, and looks which scope names that: nothing else may happen in this instant.
      if (on.startsWith('c')) yield* this.#settleShielded(me, 1);
    }
  }

  *#with(me: Me, { on, steps }: Of<'hold' | 'condition' | 'with'>): Steps<Done> {
    const body = this.#inside(me, (inner) => this.#held(inner, on, steps));
    return yield* me.form.wait(() => this.#lock(on).with(body) as Waitable<Done>);
  }

  *#timeout(me: Me, step: Of<'timeout'>): Steps<Done> {
    return yield* me.form.wait(
      () =>
        this.#lib.withTimeout(this.#border(step.for) - this.#time(), (limit) =>
          this.#inside({ ...me, limit }, (inner) => this.#steps(inner, step.steps))(),
        ) as Waitable<Done>,
    );
  }

  *#group(me: Me, step: Of<'group' | 'shield'>): Steps<Done> {
    return yield* me.form.wait(
      () =>
        this.#lib.withTaskGroup((group) => this.#inside({ ...me, group }, (inner) => this.#steps(inner, step.steps))()) as Waitable<Done>,
    );
  }

  *#shield(me: Me, step: Of<'group' | 'shield'>): Steps<Done> {
    yield* this.#settleShielded(me);
    const body = this.#inside({ ...me, limit: undefined }, (inner) => this.#steps(inner, step.steps));
    return yield* me.form.wait(() => this.#lib.withShield(body) as Waitable<Done>);
  }

  *#gather(me: Me, step: Of<'gather'>): Steps<undefined> {
    const bodies = step.tasks.map((name) => this.#body(name, me.group));
    const values = yield* me.form.wait(() => this.#lib.gather(bodies) as Waitable<(number | undefined)[]>);
    this.#log(me, `gathered [${values.map((value) => value ?? 'null').join(', ')}]`);
  }

  *#try(me: Me, step: Try): Steps<Done> {
    try {
      try {
        return yield* this.#steps(me, step.steps);
      } catch (error) {
        const handler = error instanceof this.#lib.CancelledError ? step.cancel : step.error;
        if (handler === undefined) throw error;
        this.#log(me, `caught ${this.#said(error)}`);
        yield* this.#settleShielded(me);
        return yield* this.#steps(me, handler);
      }
    } finally {
      if (step.finally !== undefined) {
        yield* this.#settleShielded(me);
        yield* this.#steps(me, step.finally);
        yield* this.#settleShielded(me);
      }
    }
  }

  // --- what is shared

  #queue = (name: string) => this.#shared[name] as InstanceType<Runtime['Queue']> as import('meantime/tasks').Queue<number>;
  #event = (name: string) => this.#shared[name] as InstanceType<Runtime['Event']>;
  #lock = (name: string) => this.#shared[name] as InstanceType<Runtime['Lock']>;
  #condition = (name: string) => this.#shared[name] as InstanceType<Runtime['Condition']>;
  #barrier = (name: string) => this.#shared[name] as InstanceType<Runtime['Barrier']>;
  #guard = (me: Me, name: string) => me.conditions[name] as CondGuard;

  // --- in words

  /** An error in a word; if asked for, with all the failures that it stands for. */
  #said(error: unknown, all = false): string {
    const failures = this.#lib.failuresOf(error);
    if (all && failures.length > 1) return failures.map((each) => this.#said(each)).join('+');
    if (error instanceof this.#lib.CancelledError) return 'cancelled';
    if (error instanceof this.#lib.TimeoutError) return 'timeout';
    if (error instanceof Raised) return error.message;
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }

  #howEnded(task: Task<unknown>): string {
    if (!task.settled) return 'never';
    if (task.state === 'cancelled') return 'cancelled';
    try {
      const value = task.result();
      return value === undefined ? 'done' : `done with ${value}`;
    } catch (error) {
      return `failed by ${this.#said(error)}`;
    }
  }
}

/** What the step `raise` throws. */
class Raised extends Error {}
