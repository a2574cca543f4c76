import { bare, clock, contextHere, type KeptContext, KeptController, onAbort, type Running, runAs, tellLate } from '../core/index.js';
import { cancellation, FutureCell } from '../futures/index.js';
import { type Alarm, alarms } from './alarms.js';
import { isCancellation, isPassing } from './border.js';
import { cancelled } from './cancelled.js';
import { currentScope, scopeBrand, setAdopt } from './current.js';
import { watchCancelled } from './debug/still-parked.js';
import { debug } from './debug.js';
import { selfWait, TaskAbandonedError } from './errors.js';
import { addFailure } from './failures.js';
import { runBody } from './run-body.js';
import { scheduler } from './scheduler.js';
import { spread } from './spread.js';
import { openBodies, roots } from './tree.js';
import { Wait } from './wait.js';

/** How deep blocks may begin inside one another's first step before they take a turn of their own: the stack is finite. */
const DEEP = 64;
let depth = 0;

/** A function that was deferred, and the context in which that was. */
export type Deferred = readonly [fn: () => unknown, here: KeptContext];

/** What most scopes never need: a million tasks are a matter of memory. */
interface Rare {
  own?: Error;
  controller?: KeptController;
  graceAlarm?: Alarm;
  /** How its body has ended. */
  ended?: { ok: boolean; value: unknown };
  defers?: Deferred[];
  deferGrace?: number;
}

/**
 * A place in the tree: the Future of one body, its cancellation, and all that goes on inside it. It ends after everything inside it has ended. What its border does with the
 * outcome is a subclass's business.
 */
export class Scope extends FutureCell<unknown> implements Running {
  declare readonly [scopeBrand]: true;
  /** The scope around it. */
  readonly outer: Scope | undefined;
  // Children, in the order in which they were made.
  first: Scope | undefined = undefined;
  last: Scope | undefined = undefined;
  left: Scope | undefined = undefined;
  right: Scope | undefined = undefined;
  // What is parked in it, in order.
  parked: Wait<unknown> | undefined = undefined;
  /** What every cancellation point inside throws: the error of the outermost cancelled scope up to a shield. */
  error: Error | undefined = undefined;
  /** How deep it is in the tree. */
  readonly level: number;
  #rare: Rare | undefined = undefined;

  constructor(outer: Scope | undefined, shield = false) {
    super();
    this.outer = outer;
    this.level = outer === undefined ? 0 : outer.level + 1;
    if (outer === undefined) roots.add(this);
    else {
      if (!shield) this.error = outer.error;
      this.left = outer.last;
      if (outer.last === undefined) outer.first = this;
      else outer.last.right = this;
      outer.last = this;
    }
  }

  override get isBlock(): boolean {
    return true;
  }

  override isBlockIn(running: object | undefined): boolean {
    return this.isBlock && this.isInside(running);
  }

  // biome-ignore lint/suspicious/noThenProperty: a Future is a thenable on purpose
  override then<A = unknown, B = never>(
    onFulfilled?: ((value: unknown) => A | PromiseLike<A>) | null,
    onRejected?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    if (typeof onRejected === 'function' && currentScope()?.waitsForItself(this)) {
      return Promise.reject(selfWait(this.title)).then(onFulfilled, onRejected);
    }
    return super.then(onFulfilled, onRejected);
  }

  /** Whether a cancellation from outside stops here. */
  get shield(): boolean {
    return false;
  }

  /** How long after its cancellation it waits for what is inside, in ms. */
  get grace(): number | undefined {
    return undefined;
  }

  /** What it is, for people. */
  get title(): string {
    return 'a scope';
  }

  get cancelled(): boolean {
    return this.error !== undefined;
  }

  /** Its own cancellation, if it was cancelled itself. */
  get own(): Error | undefined {
    return this.#rare?.own;
  }

  /** Whether nothing was ever done with it that its end would have to look after. */
  get isUntouched(): boolean {
    return this.first === undefined && this.#rare === undefined && this.parked === undefined && this.error === undefined;
  }

  /** Its body has ended; it waits for what is still inside. */
  get closing(): boolean {
    return this.#rare?.ended !== undefined;
  }

  get signal(): AbortSignal {
    const { live } = this;
    if (live !== undefined && live !== this) return live.signal;
    this.#rare ??= bare({});
    if (this.#rare.controller === undefined) {
      this.#rare.controller = new KeptController();
      if (this.error !== undefined) this.#rare.controller.abort(this.error);
    }
    return this.#rare.controller.signal;
  }

  /** Begins the body now, in this scope. Blocks that are nested very deep begin in the next turn, and so do those that come when the slice is used up. */
  begin(fn: (...args: never[]) => unknown, args: unknown[]): void {
    this.start();
    if (this.error !== undefined && this.grace !== undefined) this.#giveUpAfter(this.grace); // cancelled before it began
    if (depth >= DEEP || scheduler.spent()) {
      const context = contextHere();
      scheduler.push({ scope: this, resume: () => this.beginIn(context, fn, args) });
      return;
    }
    depth++;
    runAs(this, runBody, [this, fn, args]);
    depth--;
  }

  /** Begins the body in a context that was kept, as what runs in it from now on. */
  beginIn(context: KeptContext, fn: (...args: never[]) => unknown, args: unknown[]): void {
    context.runInAsyncScope(runAs, undefined, this, runBody, [this, fn, args] as const);
  }

  bodyEnded(ok: boolean, value: unknown): void {
    if (this.settled) {
      // It was given up before.
      if (!ok && !isPassing(value, this)) tellLate(value);
    } else if (!ok) this.bodyFailed(value);
    if (this.first === undefined && this.#rare?.defers === undefined) this.#close(ok, value);
    else {
      this.#rare ??= bare({});
      this.#rare.ended = { ok, value };
      this.#closeIfEmpty();
    }
  }

  /** What is left inside must not go on as if nothing had happened. */
  bodyFailed(error: unknown): void {
    if (this.first !== undefined) this.cancelBecause(() => cancelled('the block around it has failed', error));
  }

  childEnded(child: Scope): void {
    const { left, right } = child;
    if (left === undefined) this.first = right;
    else left.right = right;
    if (right === undefined) this.last = left;
    else right.left = left;
    child.left = child.right = undefined;
    if (this.closing) this.#closeIfEmpty();
  }

  /** Decides what an outcome becomes at the border: calls `finish` once. */
  border(ok: boolean, value: unknown): void {
    if (ok) this.finish('fulfilled', value);
    else this.finish(isPassing(value, this) ? 'cancelled' : 'rejected', value);
  }

  /** @param seen Somebody else answers for the failure. */
  finish(state: 'fulfilled' | 'rejected' | 'cancelled', value: unknown, seen = false): void {
    this.settle(state, value, seen);
    this.leave();
  }

  /** Whether an error is this scope's own cancellation, which ends here. */
  isOwn(error: unknown): boolean {
    const { own } = this;
    return own !== undefined && isCancellation(error, own);
  }

  /** Out of the tree: it has ended, or was given up. What nobody awaits any more must not take an item or a lock with it. */
  leave(): void {
    if (this.parked !== undefined) this.#cutServed();
    if (this.#rare?.graceAlarm !== undefined) alarms.clear(this.#rare.graceAlarm);
    if (this.outer === undefined) roots.delete(this);
    else this.outer.childEnded(this);
  }

  // --- cancellation

  override cancel(reason?: unknown): boolean {
    if (this.settled) return false;
    this.cancelBecause(() => cancelled(undefined, reason));
    return true;
  }

  /** The first reason counts. */
  cancelBecause(why: () => Error): void {
    if (this.own !== undefined || this.settled) return;
    this.#rare ??= bare({});
    this.#rare.own = why();
    if (debug.on) watchCancelled(this);
    spread(this, (this.shield ? undefined : this.outer?.error) ?? this.#rare.own);
  }

  /** This scope is cancelled with that error: cuts off what is parked, and returns what is to be aborted. */
  mark(error: Error): KeptController | undefined {
    this.error = error;
    if (this.parked !== undefined) this.#cutParked();
    if (this.grace !== undefined) this.#giveUpAfter(this.grace);
    return this.#rare?.controller; // which aborts once, with its first reason
  }

  /** Of what is still parked: those that would be handed something. A sleep, or a promise of somebody else's, may go on. */
  #cutServed(): void {
    let error: Error | undefined;
    for (const wait of [...this.waits()]) {
      if (wait.list === undefined) continue;
      error ??= cancelled(`${this.title} has ended`, undefined);
      this.unpark(wait);
      wait.cut(error);
    }
  }

  /** All are taken off the list first: what one of them sets off when it is cut must not find the others half way. */
  #cutParked(): void {
    const cut = [...this.waits()];
    this.parked = undefined;
    for (const wait of cut) {
      wait.scopeNext = wait.scopePrev = undefined;
    }
    for (const wait of cut) if (wait.pending) wait.cut();
  }

  park(wait: Wait<unknown>): void {
    const last = this.parked;
    if (last === undefined) wait.scopeNext = wait.scopePrev = wait;
    else {
      const first = last.scopeNext as Wait<unknown>;
      wait.scopePrev = last;
      wait.scopeNext = first;
      last.scopeNext = first.scopePrev = wait;
    }
    this.parked = wait;
  }

  unpark(wait: Wait<unknown>): void {
    const next = wait.scopeNext as Wait<unknown>;
    if (next === wait) this.parked = undefined;
    else {
      const prev = wait.scopePrev as Wait<unknown>;
      prev.scopeNext = next;
      next.scopePrev = prev;
      if (this.parked === wait) this.parked = prev;
    }
    wait.scopePrev = wait.scopeNext = undefined;
  }

  /** What is parked in this scope, the longest first. */
  *waits(): Generator<Wait<unknown>, void, undefined> {
    const last = this.parked;
    for (let wait = last?.scopeNext; wait !== undefined; wait = wait === last ? undefined : wait.scopeNext) yield wait;
  }

  /**
   * What runs in this scope now: what a block has left behind, a timer or a listener, belongs to what is around it once it has ended well. What a cancelled one has left behind
   * stays cancelled.
   */
  get live(): Scope | undefined {
    let at: Scope | undefined = this;
    while (at?.settled && at.error === undefined) at = at.outer;
    return at;
  }

  mustStop(): boolean {
    return this.live?.error !== undefined || scheduler.spent();
  }

  untilCancelled(on: object, done: (error?: Error) => void): () => void {
    const { live } = this;
    const refused = live?.error;
    if (refused !== undefined) {
      if (scheduler.spent()) scheduler.push({ scope: undefined, resume: () => done(refused) });
      else done(refused);
      return () => undefined;
    }
    const wait = new Wait<void>(on, live);
    wait.fiber = { scope: undefined, goOn: () => done(wait.value as Error | undefined) };
    return () => {
      wait.fulfil();
    };
  }

  isInside(what: object | undefined): boolean {
    if (!(what instanceof Scope)) return false;
    let at: Scope = this;
    while (at.level > what.level) at = at.outer as Scope;
    return at === what;
  }

  /**
   * Whether what is to be waited for here would never come: something around this that has not
   * ended.
   */
  waitsForItself(on: object): boolean {
    return this.isInside(on) && !(on as Scope).settled;
  }

  // --- the end

  addDefer(fn: () => unknown, grace: number): void {
    this.#rare ??= bare({});
    this.#rare.defers ??= [];
    this.#rare.defers.push([fn, contextHere()]);
    this.#rare.deferGrace = Math.max(this.#rare.deferGrace ?? 0, grace);
  }

  /** What went wrong in a `defer` is the outcome, unless there is a failure already. */
  deferFailed(error: unknown): void {
    if (this.settled) {
      tellLate(error);
      return;
    }
    const ended = (this.#rare as Rare).ended as NonNullable<Rare['ended']>;
    if (!ended.ok && !isPassing(ended.value, this)) addFailure(ended.value, error);
    else {
      ended.ok = false;
      ended.value = error;
    }
  }

  /** Runs what was deferred, the last first, in a shield of its own. Set by `block.ts`, whose class is one of these. */
  static runDefers: (scope: Scope, fns: Deferred[], grace: number) => void;

  #closeIfEmpty(): void {
    if (this.first !== undefined) return;
    if (depth >= DEEP) {
      scheduler.push({ scope: undefined, resume: () => this.#closeIfEmpty() });
      return;
    }
    const rare = this.#rare as Rare;
    const { defers } = rare;
    const ended = rare.ended as NonNullable<Rare['ended']>;
    depth++;
    if (defers !== undefined) {
      rare.defers = undefined;
      Scope.runDefers(this, defers.reverse(), rare.deferGrace as number);
    } else this.#close(ended.ok, ended.value);
    depth--;
  }

  #close(ok: boolean, value: unknown): void {
    if (!this.settled) this.border(ok, value);
  }

  #giveUpAfter(ms: number): void {
    if (this.#rare?.graceAlarm !== undefined) return;
    const alarm: Alarm = { at: 0, order: 0, place: -1, ring: () => this.giveUp(ms) };
    this.#rare ??= bare({});
    this.#rare.graceAlarm = alarm;
    alarms.set(alarm, clock.now() + ms);
  }

  /** Ends it without what is still inside, which goes on alone. */
  giveUp(after: number): void {
    const stuck = [...openBodies(this)].map((scope) => scope.title).join(', ');
    const error = new TaskAbandonedError(
      `${this.title} was given up ${after} ms after its cancellation. Still running, or parked on a foreign promise that does not listen to the signal: ${stuck}`,
      { cause: this.error },
    );
    this.abandoned(error);
    this.finish('rejected', error);
  }

  /** It is about to be given up with that error. */
  abandoned(_error: Error): void {}
}

Object.defineProperty(Scope.prototype, scopeBrand, bare({ value: true }));

const adopted = new WeakMap<Running, Scope>();

/** A call of another room, in a worker for instance, has only a signal. Inside it, what waits here is cut off when that signal aborts. */
setAdopt((running) => {
  const known = adopted.get(running);
  if (known !== undefined) return known;
  const scope = new Scope(undefined);
  roots.delete(scope); // it ends when nobody holds it any more
  adopted.set(running, scope);
  const { signal } = running;
  const cancel = () => scope.cancelBecause(() => cancellation(signal.reason));
  if (signal.aborted) cancel();
  else onAbort(signal, cancel);
  return scope;
});
