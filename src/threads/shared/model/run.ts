import { clock } from '../../../core/index.js';
import { atomics, useAtomics } from '../atomics.js';
import { Behaviour, Recorder } from './behaviour.js';
import { Bounded } from './bounded.js';
import { Machine, PASSING, type Plan } from './machine.js';
import { Memory } from './memory.js';
import type { Explored, Scenario } from './scenario.js';
import { Search, type Visitor } from './search.js';
import { describeOutcome, linesOf, parse, scheduleOf } from './trace.js';
import { Violation } from './violation.js';

/** One exploration of a scenario: its machine, what it counts and what it looks at. */
export class Run<S> {
  readonly #scenario: Scenario<S>;
  readonly #recorder: Recorder;
  readonly #memory = new Memory();
  #machine: Machine | undefined = undefined;
  #state: S | undefined = undefined;
  #schedules = 0;
  /** How many schedules may be met before the search stops. */
  #allowed = 0;
  #left = 0;
  #steps = 0;
  #deadlocks = 0;

  constructor(scenario: Scenario<S>) {
    const { threads } = scenario;
    if (threads.length < 1 || threads.length > 7) throw new RangeError(`explore: expected 1 to 7 threads, got ${threads.length}`);
    this.#scenario = scenario;
    this.#recorder = new Recorder(atomics, this.#memory, threads.length + 1);
  }

  /** Gives up the reduction if it is not `reduced`: to see whether it is right. */
  explore(reduced = true): Explored {
    const scenario = this.#scenario;
    const { deaths = 0, timeouts = 0, preemptions = 2, maxSchedules = 1_000_000 } = scenario;
    const began = clock.now();
    const plans = plansOf(scenario);
    const visitor: Visitor = {
      onEvent: () => this.#onEvent(),
      onRace: (other) => this.#onRace(other),
      onEnd: () => this.#onEnd(),
      onLeft: () => void this.#left++,
    };
    let [complete, bound] = [true, Number.POSITIVE_INFINITY];
    this.#inForce((machine) => {
      const runs = (search: Search | Bounded): boolean => {
        this.#allowed = this.#schedules + maxSchedules;
        const isDone = plans.every((plan) => search.run(plan));
        while (machine.depth > 0) machine.undo();
        return isDone;
      };
      complete = runs(reduced ? new Search(machine, visitor) : new Bounded(machine, visitor, { preemptions: bound, remember: false }));
      if (complete) return;
      for (bound = -1; bound < preemptions; bound++)
        if (!runs(new Bounded(machine, visitor, { preemptions: bound + 1, remember: true }))) return;
    });
    return {
      name: scenario.name,
      schedules: this.#schedules,
      left: this.#left,
      steps: this.#steps,
      known: this.#recorder.count,
      deadlocks: this.#deadlocks,
      complete,
      took: clock.now() - began,
      bounds: { threads: scenario.threads.length, deaths, timeouts, preemptions: bound },
    };
  }

  /** Runs one schedule, and gives its trace. */
  replay(schedule: string): string[] {
    const n = this.#scenario.threads.length;
    const events = parse(schedule, n);
    const timeouts = new Array<number>(n).fill(0);
    let deaths = 0;
    for (const { mover } of events) {
      if (mover >= 3 * n) timeouts[mover - 3 * n]++;
      else if (mover >= 2 * n) deaths |= 1 << (mover - 2 * n);
    }
    return this.#inForce((machine) => {
      machine.begin({ deaths, timeouts });
      for (const { mover, mask } of events) {
        const can = mover === PASSING ? machine.enabled() === 0 && (machine.patience() & mask) === mask : machine.enabled() & (1 << mover);
        if (!can) throw new RangeError(`replay: event ${machine.depth} of "${schedule}" cannot happen`);
        if (mover === PASSING) machine.pass(mask);
        else machine.move(mover);
        this.#onEvent();
      }
      if (machine.enabled() === 0 && machine.patience() === 0) this.#onEnd();
      return linesOf(machine);
    });
  }

  #inForce<R>(fn: (machine: Machine) => R): R {
    const restore = useAtomics(this.#recorder);
    try {
      const { threads, setup, deaths = 0, onDeath, limit = 0, names } = this.#scenario;
      const state = setup();
      this.#state = state;
      const behaviours = threads.map((thread, t) => new Behaviour(this.#recorder, () => thread(state), t + 1));
      if (deaths > 0)
        for (let t = 1; t <= threads.length; t++)
          behaviours.push(new Behaviour(this.#recorder, () => (onDeath ? onDeath(state, t) : this.#recorder.bury(t)), threads.length + 1));
      for (const [name, [words, at]] of Object.entries(names?.(state) ?? {})) this.#memory.call(words, at, name);
      this.#machine = new Machine(this.#memory, { behaviours, count: threads.length, limit });
      return fn(this.#machine);
    } finally {
      restore();
    }
  }

  #onEvent(): void {
    const machine = this.#machine as Machine;
    const { maxSteps = 2000, mayThrow = false, invariant } = this.#scenario;
    this.#steps++;
    if (machine.depth > maxSteps) this.#fail(`does not end within ${maxSteps} steps`);
    if (!mayThrow)
      for (let r = 0; r < machine.threads.behaviours.length; r++) {
        const { outcome } = machine.step(r);
        if (outcome?.ended === 'threw') this.#fail(`${r} threw ${describeOutcome(outcome)}`, outcome.error);
      }
    if (invariant !== undefined) this.#look(() => invariant(this.#state as S));
  }

  #onRace(other: number): void {
    if (!this.#scenario.mayRace) this.#fail(`bytes are copied while event ${other} can be at them`);
  }

  #onEnd(): boolean {
    const machine = this.#machine as Machine;
    const { mayDeadlock = false, check, threads } = this.#scenario;
    this.#schedules++;
    const all = machine.threads.behaviours.map((_, r) => machine.outcome(r));
    const asleep = all.filter((outcome) => outcome?.ended === 'asleep').length;
    if (asleep > 0) {
      this.#deadlocks++;
      if (!mayDeadlock) this.#fail('deadlock: nobody can move, and somebody sleeps');
    }
    if (check !== undefined) this.#look(() => check(this.#state as S, all.slice(0, threads.length) as never));
    return this.#schedules < this.#allowed;
  }

  #look(fn: () => void): void {
    try {
      fn();
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error), error);
    }
  }

  #fail(what: string, cause?: unknown): never {
    const machine = this.#machine as Machine;
    const lines = linesOf(machine);
    for (const [r] of this.#scenario.threads.entries()) lines.push(`      thread ${r} ${describeOutcome(machine.outcome(r))}`);
    throw new Violation(`${this.#scenario.name}: ${what}`, scheduleOf(machine), lines, { cause });
  }
}

/** Every choice of who dies and whose time runs out, the fewest first. */
export function plansOf<S>(scenario: Scenario<S>): Plan[] {
  const n = scenario.threads.length;
  const { deaths = 0, timeouts = 0, mortal = Array.from({ length: n }, (_, t) => t) } = scenario;
  const may = mortal.reduce((mask, t) => mask | (1 << t), 0);
  const counts = (left: number, t: number): number[][] => {
    if (t === n) return [[]];
    return Array.from({ length: left + 1 }, (_, own) => own).flatMap((own) => counts(left - own, t + 1).map((rest) => [own, ...rest]));
  };
  const plans: Plan[] = [];
  for (let mask = 0; mask < 1 << n; mask++) {
    if ((mask & ~may) !== 0 || members(mask) > deaths) continue;
    for (const each of counts(timeouts, 0)) plans.push({ deaths: mask, timeouts: each });
  }
  const size = (plan: Plan): number => members(plan.deaths) + plan.timeouts.reduce((sum, each) => sum + each, 0);
  return plans.sort((a, b) => size(a) - size(b));
}

const members = (mask: number): number => {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
};
