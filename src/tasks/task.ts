import { contextHere, type KeptContext } from '../core/index.js';
import type { Future } from '../futures/index.js';
import { isPassing } from './border.js';
import { debug } from './debug.js';
import { ended, spawned, started } from './events.js';
import type { Group, TaskGroup } from './group.js';
import { type Runnable, scheduler } from './scheduler.js';
import { Scope } from './scope.js';
import { told } from './told.js';
import { waitsOf } from './waited-for.js';

/**
 * A function that runs on its own, inside its group. It is a Future of the function's result.
 *
 * Cancelling: `task.cancel(reason)` makes every cancellation point of the task throw; the task settles, as `cancelled`, when it has really ended, clean-up included.
 * Who awaits a task and is cancelled leaves the task alone.
 */
export interface Task<T> extends Future<T> {
  /** For people; at first the function's name. May be set. */
  name: string;
  /** Unique in this thread, in the order of spawning, from 1. */
  readonly id: number;
  /** The task that spawned its group, if it was one. */
  readonly parent: Task<unknown> | undefined;
  /** `undefined` for the main task of a `run`. */
  readonly group: TaskGroup | undefined;
  /**
   * What it waits for, in words for people, such as `sleep`, `queue.get` or another task's name and number; several of them if its parts wait side by side. `undefined` while it runs
   * or is ready to, and while it awaits a promise that nobody here knows of.
   */
  readonly waitingFor: string | undefined;
  /** When the oldest of these waits began, in ms of `now()`, to within some 20 ms. */
  readonly waitingSince: number | undefined;
}

let ids = 0;
const none: unknown[] = [];
// What few tasks have; a million of them are a matter of memory.
const names = new WeakMap<TaskScope, string>();
export const spawnPlaces = new WeakMap<TaskScope, string>();

export class TaskScope extends Scope implements Runnable {
  readonly id: number = ++ids;
  readonly #fn: (...args: never[]) => unknown;
  #args: unknown[];
  /** The async context of whoever spawned it, until it begins. */
  #context: KeptContext | undefined;

  constructor(outer: Scope | undefined, fn: (...args: never[]) => unknown, args: unknown[], spawn: (...args: never[]) => unknown) {
    super(outer);
    this.#fn = fn;
    this.#args = args.length === 0 ? none : args;
    this.#context = contextHere();
    if (debug.on) spawnPlaces.set(this, debug.stack(spawn));
    if (told.look()) spawned(this);
  }

  /** It is itself a task. */
  get scope(): undefined {
    return undefined;
  }

  /** It begins when its turn comes. */
  spawn(): this {
    scheduler.push(this);
    return this;
  }

  /** In debug mode: where it was spawned. */
  get spawnedAt(): string | undefined {
    return spawnPlaces.get(this);
  }

  get name(): string {
    return (names.get(this) ?? this.#fn.name) || 'task';
  }

  set name(name: string) {
    names.set(this, name);
  }

  get group(): TaskGroup | undefined {
    return this.outer as Group | undefined;
  }

  get parent(): TaskScope | undefined {
    return taskOf(this.outer);
  }

  get waitingFor(): string | undefined {
    return waitsOf(this).for;
  }

  get waitingSince(): number | undefined {
    return waitsOf(this).since;
  }

  override get title(): string {
    return `${this.name} #${this.id}`;
  }

  override get isBlock(): boolean {
    return false;
  }

  resume(): void {
    const args = this.#args;
    this.#args = none;
    this.start();
    const context = this.#context as KeptContext;
    this.#context = undefined;
    if (told.active) started(this, context, this.#fn, args);
    else this.beginIn(context, this.#fn, args);
  }

  override border(ok: boolean, value: unknown): void {
    if (ok) this.finish('fulfilled', value);
    else if (isPassing(value, this)) {
      (this.outer as Group | undefined)?.taskCancelled(value, this.isOwn(value));
      this.finish('cancelled', value);
    } else this.finish('rejected', value, true);
  }

  override finish(state: 'fulfilled' | 'rejected' | 'cancelled', value: unknown, seen = false): void {
    if (told.active && !this.settled) ended(this, state, value);
    if (state === 'rejected' && !this.settled) (this.outer as Group | undefined)?.taskFailed(this, value);
    super.finish(state, value, seen);
  }
}

/** The task that a scope belongs to. */
export function taskOf(scope: Scope | undefined): TaskScope | undefined {
  let at = scope;
  while (at !== undefined && !(at instanceof TaskScope)) at = at.outer;
  return at;
}
