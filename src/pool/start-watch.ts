import { clock, type Timer, WorkerStartError } from '../core/index.js';

/** How often a step is looked at before its time is over. */
const LOOKS = 4;

/** Something that a worker has to get through before it runs what it was given. */
export interface Step {
  /** The same as long as it is the same step. */
  readonly key: unknown;
  /** For messages: `it was still importing file:///a.mjs for the call of f`. */
  readonly doing: string;
  /** The likely fault, and its remedy. */
  readonly hint: string;
  /** The module that is being imported, where one is. */
  readonly module?: string | undefined;
}

/** The step at which a worker is that has not begun its work, for people who wait. */
export interface NotBegun {
  readonly doing: string;
  readonly module: string | undefined;
  /** How long it may still take, in ms. */
  readonly left: number;
}

/**
 * Sees that a worker gets through its steps in time. Time is counted in looks of this thread, not
 * by the clock alone: after a long halt of this thread (a computation, a laptop that was closed)
 * what the worker has said meanwhile is read before it is judged. One timer, which runs while the
 * worker has something to do.
 */
export class StartWatch {
  readonly #ms: number;
  readonly #step: () => Step | 'runs' | 'idle';
  readonly #late: (step: Step, ms: number) => void;
  #timer: Timer | undefined;
  #key: unknown;
  #looks = 0;
  #since = 0;

  /**
   * @param ms How long a step may take.
   * @param step What the worker is at: what it runs may take as long as it likes.
   */
  constructor(ms: number, step: () => Step | 'runs' | 'idle', late: (step: Step, ms: number) => void) {
    this.#ms = ms;
    this.#step = step;
    this.#late = late;
  }

  /** The worker has something to do. */
  begin(): void {
    if (this.#timer === undefined && this.#ms !== Number.POSITIVE_INFINITY) this.#again();
  }

  /** A new step begins now. */
  restart(): void {
    this.end();
    this.#key = undefined;
    this.begin();
  }

  end(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** The step at which it is, if that has not been got through. */
  get notBegun(): NotBegun | undefined {
    const step = this.#step();
    if (typeof step === 'string') return undefined;
    const spent = this.#key === step.key ? clock.now() - this.#since : 0;
    return { doing: step.doing, module: step.module, left: Math.max(0, this.#ms - spent) };
  }

  #again(): void {
    const step = this.#step();
    this.#note(typeof step === 'string' ? undefined : step.key);
    this.#timer = clock.after(this.#ms / LOOKS, () => this.#look(), true); // the worker itself holds the process
  }

  #note(key: unknown): void {
    if (key !== undefined && key === this.#key) return;
    this.#key = key;
    this.#looks = 0;
    this.#since = clock.now();
  }

  #look(): void {
    this.#timer = undefined;
    const step = this.#step();
    if (step === 'idle') {
      this.#key = undefined;
      return;
    }
    if (step !== 'runs' && step.key === this.#key && ++this.#looks >= LOOKS) this.#late(step, this.#ms);
    else this.#again();
  }
}

/** The error of what a worker did not get through in time. */
export function notInTime(who: string, { doing, hint }: Step, ms: number): WorkerStartError {
  return new WorkerStartError(`${who} was ended: after ${ms} ms (startTimeout) ${doing}. ${hint}`);
}
