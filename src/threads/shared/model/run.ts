import { clock } from '../../../core/index.js';
import { atomics, useAtomics } from '../atomics.js';
import { Behaviour } from './behaviour.js';
import { Bounded } from './bounded.js';
import { Execution } from './execution.js';
import { Footprint } from './footprint.js';
import { Machine, PASSING, type Plan } from './machine.js';
import { Memory } from './memory.js';
import { Races } from './races.js';
import { Recorder } from './recorder.js';
import type { Explored, Scenario } from './scenario.js';
import { Search, type Visitor } from './search.js';
import { describeOutcome, linesOf, members, parse, scheduleOf } from './trace.js';
import { Violation } from './violation.js';

/** One exploration of a scenario: its machine, what it counts and what it looks at. */
export class Run<S> {
  readonly #scenario: Scenario<S>;
  readonly #recorder: Recorder;
  readonly #memory = new Memory();
  #machine: Machine | undefined = undefined;
  #state: S | undefined = undefined;
  #mayForget = true;
  #schedules = 0;
  /** How many schedules may be met before the search stops. */
  #allowed = Number.POSITIVE_INFINITY;
  #left = 0;
  #steps = 0;
  #deadlocks = 0;
  readonly #visitor: Visitor = {
    onEvent: () => this.#onEvent(),
    onRace: (other) => this.#onRace(`a race: event ${other} can come at the same time, and one of the two is not atomic`),
    onRacing: (movers) =>
      this.#onRace(
        `a race: ${members(movers)
          .map((r) => this.#nameOf(r))
          .join(' and ')} can be at the same memory, and one is not atomic`,
      ),
    onEnd: () => this.#onEnd(),
    onLeft: () => void this.#left++,
  };

  constructor(scenario: Scenario<S>) {
    const { threads } = scenario;
    if (threads.length < 1 || threads.length > 7) throw new RangeError(`explore: expected 1 to 7 threads, got ${threads.length}`);
    this.#scenario = scenario;
    this.#recorder = new Recorder(atomics, this.#memory, threads.length + 1);
  }

  /** Gives up the reduction if it is not `reduced`: to see whether it is right. */
  explore(reduced = true): Explored {
    const scenario = this.#scenario;
    const {
      deaths = 0,
      timeouts = 0,
      preemptions = 2,
      maxSchedules = 200_000,
      maxStates = 5 * maxSchedules,
      mayRace = false,
      invariant,
    } = scenario;
    const began = clock.now();
    const plans = plansOf(scenario);
    const all = Number.POSITIVE_INFINITY;
    let { search = invariant === undefined ? 'orders' : 'states' }: { search?: Explored['search'] } = scenario;
    let [complete, bound, states] = [false, all, 0];
    this.#inForce((machine) => {
      const runs = (searcher: Search | Bounded): boolean => {
        const isDone = plans.every((plan) => searcher.run(plan));
        while (machine.depth > 0) machine.undo();
        if (searcher instanceof Bounded) ({ states } = searcher);
        this.#checkMerged();
        return isDone;
      };
      if (!reduced) {
        complete = runs(new Bounded(machine, this.#visitor, { preemptions: all, remember: false, mayRace, maxStates }));
        return;
      }
      this.#allowed = maxSchedules;
      complete = search === 'orders' && runs(new Search(machine, this.#visitor));
      this.#allowed = all;
      if (complete) return;
      search = 'states';
      complete = runs(new Bounded(machine, this.#visitor, { preemptions: all, remember: true, mayRace, maxStates }));
      if (complete) return;
      search = 'preemptions';
      for (bound = -1; bound < preemptions; bound++)
        if (!runs(new Bounded(machine, this.#visitor, { preemptions: bound + 1, remember: true, mayRace, maxStates }))) return;
    });
    return {
      name: scenario.name,
      search,
      states,
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
    this.#mayForget = false;
    return this.#inForce((machine) => {
      const execution = new Execution(machine);
      const footprint = new Footprint();
      machine.begin({ deaths, timeouts });
      execution.order.begin();
      for (const { mover, mask } of events) {
        const can = mover === PASSING ? machine.enabled() === 0 && (machine.patience() & mask) === mask : machine.enabled() & (1 << mover);
        if (!can) throw new RangeError(`replay: event ${machine.depth} of "${schedule}" cannot happen`);
        if (mover === PASSING) execution.pass(mask);
        else {
          machine.footprint(mover, footprint);
          const other = execution.move(mover, footprint);
          if (other !== -1) this.#visitor.onRace(other);
        }
        this.#onEvent();
      }
      const racing = new Races(machine).find(machine.enabled());
      if (racing !== 0) this.#visitor.onRacing(racing);
      if (machine.enabled() === 0 && machine.patience() === 0) this.#onEnd();
      return linesOf(machine);
    });
  }

  #inForce<R>(fn: (machine: Machine) => R): R {
    const restore = useAtomics(this.#recorder);
    try {
      const { threads, setup, deaths = 0, onDeath, limit = 0, names, forgets } = this.#scenario;
      const state = setup();
      this.#state = state;
      const forgetting = (place: number): boolean => this.#mayForget && forgets?.(state, ...this.#memory.where(place)) === true;
      const behaviours = threads.map((thread, t) => {
        const bound = typeof thread === 'function' ? () => thread(state) : thread.map((phase) => () => phase(state));
        return new Behaviour(this.#recorder, bound, t + 1, forgetting);
      });
      if (deaths > 0)
        for (let t = 1; t <= threads.length; t++) {
          const mourn = onDeath === undefined ? () => this.#recorder.bury(t) : () => onDeath(state, t);
          behaviours.push(new Behaviour(this.#recorder, mourn, threads.length + 1));
        }
      for (const [name, [words, at]] of Object.entries(names?.(state) ?? {})) this.#memory.call(words, at, name);
      this.#machine = new Machine(this.#memory, { behaviours, count: threads.length, limit });
      return fn(this.#machine);
    } finally {
      restore();
    }
  }

  #onEvent(): void {
    const machine = this.#machine as Machine;
    const { maxSteps = 2000, invariant } = this.#scenario;
    this.#steps++;
    if (machine.depth > maxSteps) this.#fail(`does not end within ${maxSteps} steps`);
    this.#lookForErrors();
    if (invariant !== undefined) this.#look(() => invariant(this.#state as S));
  }

  #lookForErrors(): void {
    const machine = this.#machine as Machine;
    if (this.#scenario.mayThrow) return;
    for (let r = 0; r < machine.threads.behaviours.length; r++) {
      const { outcome } = machine.step(r);
      if (outcome?.ended === 'threw') this.#fail(`${this.#nameOf(r)} ${describeOutcome(outcome)}`, outcome.error);
    }
  }

  #onRace(what: string): void {
    if (!this.#scenario.mayRace) this.#fail(what);
  }

  #onEnd(): boolean {
    const machine = this.#machine as Machine;
    const { mayDeadlock = false, check, threads } = this.#scenario;
    this.#schedules++;
    this.#lookForErrors();
    const all = machine.threads.behaviours.map((_, r) => machine.outcome(r));
    const asleep = all.filter((outcome) => outcome?.ended === 'asleep').length;
    if (asleep > 0) {
      this.#deadlocks++;
      if (!mayDeadlock) this.#fail('deadlock: nobody can move, and somebody sleeps');
    }
    if (check !== undefined) this.#look(() => check(this.#state as S, all.slice(0, threads.length) as never));
    return this.#schedules < this.#allowed;
  }

  #nameOf(runner: number): string {
    const { length } = this.#scenario.threads;
    return runner < length ? `thread ${runner}` : `mourner of ${runner - length}`;
  }

  #look(fn: () => void): void {
    try {
      fn();
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error), error);
    }
  }

  /** Before anything is said of what was found: was it there? */
  #checkMerged(): void {
    for (const behaviour of (this.#machine as Machine).threads.behaviours) behaviour.checkMerged();
  }

  #fail(what: string, cause?: unknown): never {
    const machine = this.#machine as Machine;
    this.#checkMerged();
    const lines = linesOf(machine);
    for (const [r] of this.#scenario.threads.entries()) lines.push(`      ${this.#nameOf(r)} ${describeOutcome(machine.outcome(r))}`);
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
    if ((mask & ~may) !== 0 || members(mask).length > deaths) continue;
    for (const each of counts(timeouts, 0)) plans.push({ deaths: mask, timeouts: each });
  }
  const size = (plan: Plan): number => members(plan.deaths).length + plan.timeouts.reduce((sum, each) => sum + each, 0);
  return plans.sort((a, b) => size(a) - size(b));
}
