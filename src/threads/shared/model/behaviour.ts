import { NotModelledError, pathTo, type Recorder } from './recorder.js';
import { type Answer, Kind, type Outcome, type Phase, Step } from './step.js';

/** How many pairs of steps are compared, and through how many steps. */
const [SAMPLES, LONGEST] = [200, 100];

/** What one thread does, as far as it is known. */
export class Behaviour {
  readonly #recorder: Recorder;
  readonly #fns: readonly (() => unknown)[];
  readonly #self: number;
  readonly #isList: boolean;
  /** What a phase does first, by what those before it have returned. */
  readonly #firsts = new Map<string, Step>();
  readonly #ends = new Map<string, Step>();
  readonly #sleeps = new Map<string, Step>();
  readonly #forgets: (place: number) => boolean;
  /** Steps, and those that were taken for them. */
  readonly #merged: (readonly [step: Step, known: Step])[] = [];

  /** One function, or several, one after another, which remember nothing of each other but what they returned. */
  constructor(
    recorder: Recorder,
    thread: (() => unknown) | readonly (() => unknown)[],
    self: number,
    forgets: (place: number) => boolean = () => false,
  ) {
    this.#recorder = recorder;
    this.#forgets = forgets;
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
    const one = next.kind === Kind.wait && this.#forgets(next.operands.place) ? this.#merge(next) : next;
    step.learn(answer, one);
    return one;
  }

  /** All ways to one sleep are one. */
  #merge(step: Step): Step {
    const { place, a, ms } = step.operands;
    const key = `${place} ${a} ${ms} ${this.#recorder.passed} ${nameOf(step.phase.values)}`;
    const known = this.#sleeps.get(key);
    if (known === undefined) {
      this.#sleeps.set(key, step);
      return step;
    }
    this.#merged.push([step, known]);
    return known;
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

  /** Takes samples of what was taken for the same: it has to do what the other was seen to do. */
  checkMerged(): void {
    const every = Math.ceil(this.#merged.length / SAMPLES);
    for (let i = 0; i < this.#merged.length; i += every) {
      const [step, known] = this.#merged[i];
      for (let choice = 0; choice < 3; choice++) this.#checkWay(step, known, choice);
    }
  }

  #checkWay(step: Step, known: Step, choice: number): void {
    const { path, answers } = pathTo(step);
    for (let way = known.way(choice); way !== undefined && way[1].phase === step.phase; way = way[1].way(choice + path.length)) {
      answers.push(way[0]);
      if (way[1].kind === Kind.end || path.length > LONGEST) break;
      path.push(way[1]);
    }
    if (answers.length < path.length) path.pop(); // it is not known what follows
    try {
      this.#recorder.check(path, answers);
    } catch (error) {
      if (!(error instanceof NotModelledError)) throw error;
      throw new NotModelledError(`thread ${this.#self} knows more in its sleep than \`forgets\` says`, { cause: error });
    }
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
