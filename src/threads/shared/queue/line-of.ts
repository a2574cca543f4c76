import { atomics } from '../atomics.js';
import type { Monitor } from '../monitor.js';
import { CALLED, Slots } from '../slots.js';

/** Somebody is in the line: who comes now stands behind. */
const QUEUED = 1;
/** Somebody in it sleeps and has not been called. */
const ASLEEP = 2;

/**
 * Those who wait for one thing, in shared memory, and a word that tells those who do not wait whether there are any. Whoever is called looks by itself whether there is what
 * it waits for; so what it is called for is never in its hands before it is awake, and nothing is lost if it has gone. Everything but the two flags is under the guard.
 */
export class LineOf {
  readonly monitor: Monitor;
  readonly #slots: Slots;
  readonly #gate: number;

  constructor(monitor: Monitor, slotsAt: number, gate: number) {
    this.monitor = monitor;
    this.#slots = new Slots(monitor, slotsAt);
    this.#gate = gate;
  }

  get isEmpty(): boolean {
    return atomics.load(this.monitor.words, this.#gate) === 0;
  }

  get hasSleepers(): boolean {
    return (atomics.load(this.monitor.words, this.#gate) & ASLEEP) !== 0;
  }

  get size(): number {
    return this.#slots.waiting;
  }

  /** At the end of the line; -1 if it is too long. */
  enter(): number {
    const slot = this.#slots.claim(0);
    if (slot >= 0) this.#show(QUEUED | ASLEEP);
    return slot;
  }

  leave(slot: number): void {
    this.#slots.free(slot);
    this.settle();
  }

  /** Whether it may take what there is: it was called, or nobody is before it. */
  isNext(slot: number): boolean {
    return this.#slots.state(slot) === CALLED || this.#slots.first() === slot;
  }

  isCalled(slot: number): boolean {
    return this.#slots.state(slot) === CALLED;
  }

  /** There was nothing for it: it sleeps on. */
  rest(slot: number): void {
    if (!this.isCalled(slot)) return;
    this.#slots.rest(slot);
    this.#show(QUEUED | ASLEEP);
  }

  stateAt(slot: number): number {
    return this.#slots.stateAt(slot);
  }

  /** Calls the first one that sleeps. */
  call(): void {
    const next = this.#slots.firstAsleep();
    if (next >= 0) this.#slots.call(next);
    this.settle();
  }

  callAll(): void {
    for (let next = this.#slots.firstAsleep(); next >= 0; next = this.#slots.firstAsleep()) this.#slots.call(next);
    this.settle();
  }

  /** Looks closely whether those at the front are alive. */
  bury(): void {
    for (let first = this.#slots.first(); first >= 0; first = this.#slots.first()) {
      if (!atomics.isDead(this.#slots.thread(first), true)) break;
    }
    this.settle();
  }

  /** Makes the flags what they are to be: the dead do not count. */
  settle(): void {
    const who = this.#slots.whoWaits();
    this.#show(who === 'nobody' ? 0 : who === 'called' ? QUEUED : QUEUED | ASLEEP);
  }

  #show(flags: number): void {
    atomics.store(this.monitor.words, this.#gate, flags);
  }
}
