/** What a thread can do that others can see. */
export const Kind = {
  load: 0,
  get: 1,
  store: 2,
  set: 3,
  add: 4,
  or: 5,
  and: 6,
  exchange: 7,
  compareExchange: 8,
  wait: 9,
  notify: 10,
  copyIn: 11,
  copyOut: 12,
  /** Not a step: the function has returned or thrown. */
  end: 13,
} as const;

/** One of `Kind`. */
export type Kind = (typeof Kind)[keyof typeof Kind];

/** Whether a step copies bytes. */
export const isCopy = (kind: Kind): boolean => kind === Kind.copyIn || kind === Kind.copyOut;

/** Whether a step is not atomic: then nobody else may be at the same memory. */
export const isPlain = (kind: Kind): boolean => isCopy(kind) || kind === Kind.get || kind === Kind.set;

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

/** One function of a thread: what it does depends on nothing but what it is told. */
export interface Phase {
  readonly fn: () => unknown;
  /** The number of its thread. */
  readonly self: number;
  readonly index: number;
  /** What those before it have returned. */
  readonly values: readonly unknown[];
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
  /** The function that does it. */
  readonly phase: Phase;

  constructor(number: number, phase: Phase, kind: Kind, operands: Operands, parent: Step | undefined, answer: Answer, outcome?: Outcome) {
    this.number = number;
    this.phase = phase;
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

  /** A way on that is known: an answer, and the step that follows it. The number chooses. */
  way(choice: number): readonly [Answer, Step] | undefined {
    if (this.#next === undefined) return undefined;
    const others = [...(this.#nexts ?? [])];
    const at = choice % (others.length + 1);
    return at === others.length ? [this.#answer as Answer, this.#next] : others[at];
  }

  /** From now on, `step` follows an answer. */
  learn(answer: Answer, step: Step): void {
    if (this.#next === undefined) {
      this.#answer = answer;
      this.#next = step;
      return;
    }
    this.#nexts ??= new Map();
    this.#nexts.set(answer, step);
  }
}
