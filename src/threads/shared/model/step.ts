/** What a thread can do that others can see. */
export const Kind = {
  load: 0,
  store: 1,
  add: 2,
  or: 3,
  and: 4,
  exchange: 5,
  compareExchange: 6,
  wait: 7,
  notify: 8,
  copyIn: 9,
  copyOut: 10,
  /** Not a step: the function has returned or thrown. */
  end: 11,
} as const;

/** One of `Kind`. */
export type Kind = (typeof Kind)[keyof typeof Kind];

/** How a wait is answered. */
export const Answer = { ok: 0, notEqual: 1, timedOut: 2 } as const;

/** What a thread was told: the value of a word, how many it woke, how its wait ended, or the bytes that it copied, one a character. */
export type Answer = number | string;

/** What has become of a thread. */
export type Outcome =
  | { readonly ended: 'returned'; readonly value: unknown }
  | { readonly ended: 'threw'; readonly error: unknown }
  | { readonly ended: 'died' | 'asleep' };

/** The words and bytes that a step means. */
export interface Operands {
  /** The first place that it touches. */
  readonly place: number;
  /** The value to store, to add, to expect. */
  readonly a: number;
  /** The value that replaces the expected one; how many to wake or to copy. */
  readonly b: number;
  /** The longest that a wait may take, in ms. */
  readonly ms: number;
  /** What is copied in. */
  readonly data: Uint8Array | undefined;
  /** The shared bytes that are copied. */
  readonly bytes: Uint8Array | undefined;
}

/** The operands of what has none. */
export const nothing: Operands = { place: -1, a: 0, b: 0, ms: 0, data: undefined, bytes: undefined };

/**
 * What a thread does next after all that it has been told. A thread has no time and no chance of its own, so what it does is a tree: each answer leads to the next step. The
 * tree is what schedules are explored on; the function runs only where it is not known yet.
 */
export class Step {
  /** The answers and steps that have been met. */
  #nexts: Map<Answer, Step> | undefined = undefined;
  #answer: Answer | undefined = undefined;
  #next: Step | undefined = undefined;
  readonly kind: Kind;
  readonly operands: Operands;
  /** The step before, and what it was told. */
  readonly parent: Step | undefined;
  readonly answer: Answer;
  /** Of a function that has ended. */
  readonly outcome: Outcome | undefined;
  /** Every step of an exploration has another number. */
  readonly number: number;

  constructor(number: number, kind: Kind, operands: Operands, parent: Step | undefined, answer: Answer, outcome?: Outcome) {
    this.number = number;
    this.kind = kind;
    this.operands = operands;
    this.parent = parent;
    this.answer = answer;
    this.outcome = outcome;
  }

  /** The step that follows an answer, if it is known. */
  next(answer: Answer): Step | undefined {
    return this.#answer === answer ? this.#next : this.#nexts?.get(answer);
  }

  /** From now on, `step` follows its answer. */
  learn(step: Step): void {
    if (this.#next === undefined) {
      this.#answer = step.answer;
      this.#next = step;
      return;
    }
    this.#nexts ??= new Map();
    this.#nexts.set(step.answer, step);
  }
}
