import { NotModelledError, type Recorder } from './recorder.js';
import { type Answer, Kind, type Outcome, type Phase, Step } from './step.js';

/** What one thread does, as far as it is known. */
export class Behaviour {
  readonly #recorder: Recorder;
  readonly #fns: readonly (() => unknown)[];
  readonly #self: number;
  readonly #isList: boolean;
  /** What a phase does first, by what those before it have returned. */
  readonly #firsts = new Map<string, Step>();
  readonly #ends = new Map<string, Step>();

  /** One function, or several, one after another, which remember nothing of each other but what they returned. */
  constructor(recorder: Recorder, thread: (() => unknown) | readonly (() => unknown)[], self: number) {
    this.#recorder = recorder;
    this.#isList = typeof thread !== 'function';
    this.#fns = typeof thread === 'function' ? [thread] : thread;
    this.#self = self;
  }

  /** What it does first. */
  first(): Step {
    return this.#begin([]);
  }

  /** What it does when `step` has been answered. */
  after(step: Step, answer: Answer): Step {
    const known = step.next(answer);
    if (known !== undefined) return known;
    const next = this.#goOn(this.#recorder.find(step.phase, step, answer));
    step.learn(answer, next);
    return next;
  }

  #begin(values: readonly unknown[]): Step {
    const name = nameOf(values);
    const known = this.#firsts.get(name);
    if (known !== undefined) return known;
    const phase: Phase = { fn: this.#fns[values.length], self: this.#self, index: values.length, values };
    const first = this.#goOn(this.#recorder.find(phase, undefined, 0));
    this.#firsts.set(name, first);
    return first;
  }

  /** From the end of a function to what the next one does. */
  #goOn(step: Step): Step {
    const { phase, outcome } = step;
    if (outcome === undefined || outcome.ended !== 'returned') return step;
    const { value } = outcome;
    const isPlain = typeof value !== 'function' && (typeof value !== 'object' || value === null);
    if (!this.#isList) return isPlain ? this.#end(`${typeof value} ${String(value)}`, step) : step;
    if (!isPlain)
      throw new NotModelledError(`thread ${this.#self} returned an object from one phase: the next may know no more than a plain value`);
    const values = [...phase.values, value];
    if (values.length < this.#fns.length) return this.#begin(values);
    const all: Outcome = { ended: 'returned', value: values };
    return this.#end(nameOf(values), new Step(step.number, phase, Kind.end, step.operands, step.parent, step.answer, all));
  }

  /** All ways to one end are one: nothing comes after it. */
  #end(name: string, step: Step): Step {
    const known = this.#ends.get(name);
    if (known !== undefined) return known;
    this.#ends.set(name, step);
    return step;
  }
}

const nameOf = (values: readonly unknown[]): string =>
  `${values.length}: ${values.map((value) => `${typeof value} ${String(value)}`).join(', ')}`;
