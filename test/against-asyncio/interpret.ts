import type { Task, TaskGroup } from 'meantime/tasks';
import type { Steps, Waitable } from './forms.js';
import { type CondGuard, Ground, type Me, Raised } from './ground.js';
import type { Step, Trace, Try } from './program.js';

type Of<K extends Step['do']> = Extract<Step, { readonly do: K }>;
/** That one of the steps was `return`. */
type Returned = { readonly value: number };
type Done = Returned | undefined;

/** Runs one program in Meantime. The same as runner.py and steps.py, step by step. */
export class Interpreter extends Ground {
  async run(): Promise<Trace> {
    const main = this.lib.run(this.#body('main', undefined), { handleSigint: false });
    this.tasks.main = main as Task<unknown>;
    await Promise.allSettled([main]);
    return this.trace();
  }

  // --- tasks

  #body(name: string, group: TaskGroup | undefined): () => number | undefined {
    const me = this.me(name, group);
    return me.form.body(() => this.#task(me));
  }

  *#task(me: Me): Steps<number | undefined> {
    this.log(me, 'starts');
    let done: Done;
    try {
      yield* this.settle(me);
      done = yield* this.#steps(me, this.program.tasks[me.name] ?? []);
    } catch (error) {
      yield* this.#end(me, `ends by ${this.said(error)}`);
      throw error;
    }
    yield* this.#end(me, done === undefined ? 'ends' : `ends with ${done.value}`);
    return done?.value;
  }

  *#end(me: Me, what: string): Steps<void> {
    yield* this.settleShielded(me);
    for (let held = me.held.pop(); held !== undefined; held = me.held.pop()) held.guard.release();
    this.log(me, what);
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
        yield* me.form.wait(() => this.lib.sleep(this.border(step.for) - this.time()));
        this.log(me, 'slept');
        return;
      case 'checkpoint':
        return yield* this.#waited(me, () => this.lib.checkpoint(), 'passed a checkpoint');
      case 'get':
        return yield* this.#waited(me, () => this.queue(step.on).get(), `got from ${step.on}`, step.on);
      case 'put':
        return yield* this.#waited(me, () => this.queue(step.on).put(step.item), `put ${step.item} into ${step.on}`, step.on);
      case 'wait':
        return yield* this.#waited(me, () => this.event(step.on).wait(), `saw ${step.on}`);
      case 'meet':
        return yield* this.#waited(me, () => this.barrier(step.on).wait(), `met at ${step.on}`);
      case 'await':
        return yield* this.#waited(me, () => this.guard(me, step.on).wait(), `was notified of ${step.on}`, step.on);
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
        yield* this.settleShielded(me);
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
    this.log(me, value === undefined ? what : `${what} ${value}`, on);
    yield* this.settle(me);
  }

  *#acquire(me: Me, on: string): Steps<undefined> {
    const guard = yield* me.form.wait(() => this.lock(on).acquire());
    me.held.push({ on, guard });
    this.log(me, `acquired ${on}`, on);
    yield* this.settle(me);
  }

  *#join(me: Me, name: string): Steps<undefined> {
    const task = this.tasks[name];
    if (task === undefined) return;
    // An `await` looks at a thenable a turn later than a `yield*` does.
    yield* this.settle(me);
    const value = yield* me.form.wait(() => task as Waitable<unknown>);
    this.log(me, `joined ${name}${value === undefined ? '' : ` ${value}`}`);
    yield* this.settle(me);
  }

  // --- what is done at once

  #atOnce(me: Me, step: Step): void {
    switch (step.do) {
      case 'tryAcquire': {
        const guard = this.lock(step.on).tryAcquire();
        if (guard === undefined) return this.log(me, `found ${step.on} taken`);
        me.held.push({ on: step.on, guard });
        return this.log(me, `acquired ${step.on} at once`, step.on);
      }
      case 'release': {
        const index = me.held.findIndex((held) => held.on === step.on);
        if (index === -1) return;
        me.held.splice(index, 1)[0]?.guard.release();
        return this.log(me, `released ${step.on}`);
      }
      case 'tryGet': {
        const item = this.queue(step.on).tryGet();
        if (item === undefined) return this.log(me, `found ${step.on} empty`);
        return this.log(me, `got from ${step.on} at once ${item}`, step.on);
      }
      case 'tryPut':
        if (!this.queue(step.on).tryPut(step.item)) return this.log(me, `found ${step.on} full`);
        return this.log(me, `put ${step.item} into ${step.on} at once`, step.on);
      case 'set':
        this.event(step.on).set();
        return this.log(me, `set ${step.on}`);
      case 'clear':
        this.event(step.on).clear();
        return this.log(me, `cleared ${step.on}`);
      case 'notify':
        this.guard(me, step.on).notify(step.count);
        return this.log(me, `notified ${step.count} of ${step.on}`);
      case 'spawn':
        this.tasks[step.task] = (me.group as TaskGroup).spawn(this.#body(step.task, me.group));
        return this.log(me, `spawned ${step.task}`);
      case 'cancel':
        if (this.tasks[step.task] === undefined) return;
        this.log(me, `cancels ${step.task}`);
        this.tasks[step.task]?.cancel();
        return;
      case 'cancelGroup':
        if (me.group === undefined) return;
        this.log(me, 'cancels its group');
        me.group.cancel();
        return;
      case 'reschedule':
        if (me.limit === undefined) return;
        return this.log(me, `rescheduled: ${me.limit.reschedule(this.start + this.border(step.for)) ? 'yes' : 'no'}`);
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
      this.log(me, `left ${what} by ${this.said(error, true)}`);
      yield* this.settleShielded(me);
      throw error;
    }
    this.log(me, `left ${what}`);
    yield* this.settle(me);
    return done;
  }

  /** Steps as the body of a block of the library: in a frame, and perhaps in a form, of their own. */
  #inside(me: Me, steps: (me: Me) => Steps<Done>): () => Done {
    const form = this.choice.form();
    return form.body(() => steps({ ...me, form }));
  }

  *#held(me: Me, on: string, steps: readonly Step[]): Steps<Done> {
    try {
      this.log(me, `holds ${on}`, on);
      yield* this.settle(me);
      return yield* this.#steps(me, steps);
    } finally {
      yield* this.settleShielded(me);
    }
  }

  *#hold(me: Me, { on, steps }: Of<'hold' | 'condition' | 'with'>): Steps<Done> {
    const thing = on.startsWith('c') ? this.condition(on) : this.lock(on);
    const guard = yield* me.form.wait<{ release(): void }>(() => thing.acquire());
    const inner = on.startsWith('c') ? { ...me, conditions: { ...me.conditions, [on]: guard as CondGuard } } : me;
    try {
      return yield* this.#held(inner, on, steps);
    } finally {
      guard.release();
      // Whoever was cut off there now has the lock, and looks which scope names that: nothing else may happen in this instant.
      if (on.startsWith('c')) yield* this.settleShielded(me, 1);
    }
  }

  *#with(me: Me, { on, steps }: Of<'hold' | 'condition' | 'with'>): Steps<Done> {
    const body = this.#inside(me, (inner) => this.#held(inner, on, steps));
    return yield* me.form.wait(() => this.lock(on).with(body) as Waitable<Done>);
  }

  *#timeout(me: Me, step: Of<'timeout'>): Steps<Done> {
    return yield* me.form.wait(
      () =>
        this.lib.withTimeout(this.border(step.for) - this.time(), (limit) =>
          this.#inside({ ...me, limit }, (inner) => this.#steps(inner, step.steps))(),
        ) as Waitable<Done>,
    );
  }

  *#group(me: Me, step: Of<'group' | 'shield'>): Steps<Done> {
    return yield* me.form.wait(
      () =>
        this.lib.withTaskGroup((group) => this.#inside({ ...me, group }, (inner) => this.#steps(inner, step.steps))()) as Waitable<Done>,
    );
  }

  *#shield(me: Me, step: Of<'group' | 'shield'>): Steps<Done> {
    yield* this.settleShielded(me);
    const body = this.#inside({ ...me, limit: undefined }, (inner) => this.#steps(inner, step.steps));
    return yield* me.form.wait(() => this.lib.withShield(body) as Waitable<Done>);
  }

  *#gather(me: Me, step: Of<'gather'>): Steps<undefined> {
    const bodies = step.tasks.map((name) => this.#body(name, me.group));
    const values = yield* me.form.wait(() => this.lib.gather(bodies) as Waitable<(number | undefined)[]>);
    this.log(me, `gathered [${values.map((value) => value ?? 'null').join(', ')}]`);
  }

  *#try(me: Me, step: Try): Steps<Done> {
    try {
      try {
        return yield* this.#steps(me, step.steps);
      } catch (error) {
        const handler = error instanceof this.lib.CancelledError ? step.cancel : step.error;
        if (handler === undefined) throw error;
        this.log(me, `caught ${this.said(error)}`);
        yield* this.settleShielded(me);
        return yield* this.#steps(me, handler);
      }
    } finally {
      if (step.finally !== undefined) {
        yield* this.settleShielded(me);
        yield* this.#steps(me, step.finally);
        yield* this.settleShielded(me);
      }
    }
  }
}
