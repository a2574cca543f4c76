import type { Barrier, Condition, Event, Lock, Queue, Task, TaskGroup } from 'meantime/tasks';
import type { Choice, Form, Steps, Waitable } from './forms.js';
import { CELL, type Program, type Trace } from './program.js';
import type { Runtime } from './runtime.js';

/** What is held, and how it is given back. */
export type Held = { readonly on: string; readonly guard: { release(): void } };
export type CondGuard = { release(): void; wait(): Waitable<void>; notify(n?: number): void };
export type Limit = { reschedule(at: number): boolean };

/** A task as its own steps see it. Those inside a block may be of the other form. */
export interface Me {
  readonly name: string;
  readonly place: number;
  readonly form: Form;
  readonly group: TaskGroup | undefined;
  readonly limit: Limit | undefined;
  readonly held: Held[];
  readonly conditions: Readonly<Record<string, CondGuard>>;
}

/** What every step stands on: what the tasks share, time, the trace, and settling. */
export class Ground {
  protected readonly lib: Runtime;
  protected readonly program: Program;
  protected readonly choice: Choice;
  /** When the program began: the clock goes on from one to the next. */
  protected readonly start: number;
  protected readonly tasks: Record<string, Task<unknown>> = {};
  readonly #places: readonly string[];
  readonly #shared: Readonly<Record<string, unknown>>;
  readonly #did: Record<string, string[]> = {};
  readonly #got: Record<string, string[]> = {};

  constructor(lib: Runtime, program: Program, choice: Choice) {
    this.lib = lib;
    this.program = program;
    this.choice = choice;
    this.start = lib.now();
    this.#places = Object.keys(program.tasks);
    this.#shared = Object.fromEntries(Object.entries(program.shared).map(([name, size]) => [name, this.#make(name, size)]));
  }

  protected trace(): Trace {
    const ended = Object.fromEntries(Object.entries(this.tasks).map(([name, task]) => [name, this.#howEnded(task)]));
    return { did: this.#did, got: this.#got, ended };
  }

  protected me(name: string, group: TaskGroup | undefined): Me {
    const place = this.#places.indexOf(name) + 1;
    return { name, place, form: this.choice.form(), group, limit: undefined, held: [], conditions: {} };
  }

  #make(name: string, size: number): unknown {
    const { Lock, Semaphore, Event, Condition, Queue, Barrier } = this.lib;
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

  protected time(): number {
    return this.lib.now() - this.start;
  }

  /** The n-th border of a cell from now. */
  protected border(cells: number): number {
    return (Math.floor(this.time() / CELL) + cells) * CELL;
  }

  protected log(me: Me, what: string, on?: string): void {
    this.#did[me.name] ??= [];
    this.#did[me.name]?.push(`${this.time()} ${what}`);
    if (on === undefined) return;
    this.#got[on] ??= [];
    this.#got[on]?.push(`${this.time()} ${me.name} ${what}`);
  }

  // --- moving on to the task's own place in a cell

  /** @param further At least so many ms from now. */
  #rest(me: Me, further = 0): number {
    const rest = (me.place - this.time() - further) % CELL;
    return (rest < 0 ? rest + CELL : rest) + further;
  }

  protected *settle(me: Me): Steps<void> {
    const rest = this.#rest(me);
    if (rest > 0) yield* me.form.wait(() => this.lib.sleep(rest));
  }

  protected *settleShielded(me: Me, further = 0): Steps<void> {
    const rest = this.#rest(me, further);
    if (rest > 0) yield* me.form.wait(() => this.lib.withShield(() => this.lib.sleep(rest)) as Waitable<void>);
  }

  // --- what is shared

  protected queue = (name: string) => this.#shared[name] as Queue<number>;
  protected event = (name: string) => this.#shared[name] as Event;
  /** A semaphore is used as a lock is. */
  protected lock = (name: string) => this.#shared[name] as Lock;
  protected condition = (name: string) => this.#shared[name] as Condition;
  protected barrier = (name: string) => this.#shared[name] as Barrier;
  protected guard = (me: Me, name: string) => me.conditions[name] as CondGuard;

  // --- in words

  /** An error in a word; if asked for, with all the failures that it stands for. */
  protected said(error: unknown, all = false): string {
    const failures = this.lib.failuresOf(error);
    if (all && failures.length > 1) return failures.map((each) => this.said(each)).join('+');
    if (error instanceof this.lib.CancelledError) return 'cancelled';
    if (error instanceof this.lib.TimeoutError) return 'timeout';
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
      return `failed by ${this.said(error)}`;
    }
  }
}

/** What the step `raise` throws. */
export class Raised extends Error {}
