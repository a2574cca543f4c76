import { NotHeldError, QueueClosedError, TooLargeError } from '../../../core/index.js';
import { atomics, type Words } from '../atomics.js';
import type { Packed } from '../codec/codec.js';
import { written, writtenWords } from '../codec/write-plain.js';
import { Monitor } from '../monitor.js';
import { Heap } from './heap.js';
import {
  CAPACITY,
  CELL_WORDS,
  CELLS,
  DONE,
  GET_GATE,
  GETTERS,
  INLINE,
  INLINE_BYTES,
  JOIN_GATE,
  JOINERS,
  LENGTH,
  LOST,
  MONITOR,
  PAGE,
  PAGES,
  POSITIONS,
  PUT_GATE,
  PUTTERS,
  positionsOf,
} from './layout.js';
import { LineOf } from './line-of.js';
import { Members } from './members.js';
import { EMPTY, FULL, kindOf, memberOf, NONE, OVER, Ring } from './ring.js';

/** Writes the shape of a queue into its memory. */
export function shape(words: Words, capacity: number, pages: number): void {
  atomics.set(words, CAPACITY, capacity);
  atomics.set(words, POSITIONS, positionsOf(capacity));
  atomics.set(words, PAGES, pages);
}

const inbox = new ArrayBuffer(INLINE_BYTES);
const inboxWords = new Int32Array(inbox);

/** For how long a claim may be in the way of those who do not wait, in ms, before it is asked if its thread is alive. */
const LOOK = 20;

/** What was taken out of a cell; until the next. */
const taken = { format: 0, length: 0, bytes: new Uint8Array(inbox), own: false };

/** A queue in shared memory: how items go in and come out. Nothing in here waits. */
export class QueueCore {
  readonly words: Words;
  readonly ring: Ring;
  readonly monitor: Monitor;
  readonly heap: Heap;
  readonly putters: LineOf;
  readonly getters: LineOf;
  readonly joiners: LineOf;
  readonly #members: Members;
  readonly #sweep = (): void => this.sweep(true);
  /** The claim that was last in the way, and since when. */
  #stuck = 0;
  #stuckSince = 0;

  constructor(words: Words, pages: SharedArrayBuffer) {
    this.words = words;
    this.ring = new Ring(words);
    this.monitor = new Monitor(words, MONITOR);
    this.heap = new Heap(this.monitor, CELLS + CELL_WORDS * this.ring.capacity, pages);
    this.putters = new LineOf(this.monitor, PUTTERS, PUT_GATE);
    this.getters = new LineOf(this.monitor, GETTERS, GET_GATE);
    this.joiners = new LineOf(this.monitor, JOINERS, JOIN_GATE);
    this.#members = new Members(this.monitor);
  }

  /** Puts an item, unless there is no room, or somebody waits to put one. @throws {QueueClosedError} {TooLargeError} */
  tryPut(item: Packed): boolean {
    const isLarge = item.length > INLINE_BYTES;
    if (isLarge) this.mustFit(item);
    this.enrol();
    if (!this.putters.isEmpty && !this.#nobodyIn(this.putters)) return false;
    for (;;) {
      const claim = isLarge ? this.monitor.within(() => this.claim(item.length)) : this.claim(item.length);
      if (claim !== undefined) {
        this.fill(claim, item);
        return true;
      }
      if (!this.#unstick(this.ring.nextIn)) return false;
    }
  }

  /** Takes an item, unless there is none, or somebody waits for one. @throws {QueueClosedError} */
  tryGet(): Packed | undefined {
    this.enrol();
    if (!this.getters.isEmpty && !this.#nobodyIn(this.getters)) return undefined;
    for (;;) {
      const position = this.claimGet();
      if (position >= 0) return this.empty(position);
      if (position === OVER) throw closed('get an item from');
      if (!this.#unstick(this.ring.nextOut)) return undefined;
    }
  }

  /** @throws {TooLargeError} for what would not fit if the queue were empty. */
  mustFit(item: Packed): void {
    const most = Math.max(INLINE_BYTES, this.heap.memory.maxByteLength);
    if (item.length > most)
      throw new TooLargeError(
        `A SharedQueue holds ${most} bytes outside of its cells at most, got an item of ${item.length}: raise its maxBytes`,
      );
  }

  /** Makes this thread known to the queue. Not under the guard, and before anything that is. */
  enrol(): number {
    return this.#members.own(this.#sweep);
  }

  /**
   * A cell for an item of so many bytes, and pages if they are needed: then under the guard.
   *
   * @param ask If memory is short, look closely for what dead threads have left.
   * @throws {QueueClosedError}
   */
  claim(bytes: number, ask = false): Claim | undefined {
    if (bytes <= INLINE_BYTES) return this.#toClaim(this.ring.claimPut(this.enrol()), 0);
    if (this.ring.closed) throw closed('put an item into');
    if (!this.ring.mayPut) return undefined; // not to take memory in vain
    const page = this.heap.take(bytes) || this.#takeFromDead(bytes, ask);
    if (page === 0) return undefined;
    const position = this.ring.claimPut(this.enrol());
    if (position < 0) {
      this.heap.noteFree(page);
      this.monitor.commit();
    }
    return this.#toClaim(position, page);
  }

  /** The position of the next item, or NONE, or OVER. */
  claimGet(): number {
    return this.ring.claimGet(this.enrol());
  }

  /** Writes the item to where it was claimed for, and lets it be seen. */
  fill({ position, page }: Claim, item: Packed): void {
    const { words } = this;
    const { format, length, bytes } = item;
    const at = this.ring.cellAt(position);
    atomics.set(words, at + LENGTH, (length << 2) | format);
    if (page === 0) {
      const from = wordsOf(item);
      const count = (length + 3) >> 2;
      for (let i = 0; i < count; i++) atomics.set(words, at + INLINE + i, from[i]);
    } else {
      atomics.store(words, at + PAGE, page); // whoever looks for lost pages reads it
      this.heap.copyIn(page, bytes.length === length ? bytes : bytes.subarray(0, length));
    }
    this.ring.publish(position);
    if (this.getters.hasSleepers) this.monitor.within(() => this.getters.call());
  }

  /** Takes out what is in a cell, and gives the cell free. */
  empty(position: number): Packed {
    const { words } = this;
    const at = this.ring.cellAt(position);
    const head = atomics.get(words, at + LENGTH);
    const page = atomics.get(words, at + PAGE);
    const length = head >>> 2;
    let out: Packed = taken;
    if (page === 0) {
      const count = (length + 3) >> 2;
      for (let i = 0; i < count; i++) inboxWords[i] = atomics.get(words, at + INLINE + i);
      taken.format = head & 3;
      taken.length = length;
      atomics.store(words, at, this.ring.emptiedAt(position));
    } else {
      try {
        out = { format: head & 3, length, bytes: new Uint8Array(length), own: true };
        this.heap.copyOut(page, out.bytes);
      } finally {
        // Also when this thread has no memory for it.
        this.monitor.within(() => {
          this.#noteFree(at, page);
          this.monitor.note(at, this.ring.emptiedAt(position));
          this.monitor.commit();
        });
      }
    }
    if (this.putters.hasSleepers) this.monitor.within(() => this.putters.call());
    return out;
  }

  /** Takes nothing more; all who wait are to see it. */
  close(): void {
    this.ring.close();
    this.monitor.within(() => {
      this.putters.callAll();
      this.getters.callAll();
    });
  }

  /** How many items have been put and not been done, and how many positions have been claimed of which nothing has come yet. */
  get unfinished(): number {
    const done = atomics.load(this.words, DONE);
    const lost = atomics.load(this.words, LOST);
    return this.ring.distance(this.ring.claimed, done + lost);
  }

  /** @throws {NotHeldError} if all have been done. */
  taskDone(count = 1): void {
    const { words } = this;
    for (;;) {
      const done = atomics.load(words, DONE);
      if (this.unfinished < count)
        throw new NotHeldError('taskDone() was called more often than items were put. Expected one call for each item');
      if (atomics.compareExchange(words, DONE, done, (done + count) | 0) === done) break;
    }
    if (this.joiners.hasSleepers && this.unfinished === 0) this.monitor.within(() => this.joiners.callAll());
  }

  /** Undoes what dead threads have begun, at every cell. Under the guard. */
  sweep(ask: boolean): void {
    for (let cell = 0; cell < this.ring.capacity; cell++) this.undo(CELLS + CELL_WORDS * cell, ask);
  }

  /** Under the guard: if a dead thread has claimed this cell, what it was about to put or to take is no more (rule 6). */
  undo(at: number, ask: boolean): boolean {
    const { words, monitor } = this;
    const state = atomics.load(words, at);
    const kind = kindOf(state);
    if (kind === EMPTY || kind === FULL || !this.#members.isDead(memberOf(state), ask)) return false;
    const page = atomics.get(words, at + PAGE);
    if (page !== 0) this.#noteFree(at, page);
    if (this.ring.counts(at, state)) {
      monitor.note(at, this.ring.emptied(state));
      monitor.note(LOST, (atomics.get(words, LOST) + 1) | 0);
    } else monitor.note(at, this.ring.freed(state));
    monitor.commit();
    this.putters.call();
    this.getters.call();
    if (this.unfinished === 0) this.joiners.callAll();
    return true;
  }

  #toClaim(position: number, page: number): Claim | undefined {
    if (position === OVER) throw closed('put an item into');
    if (position === NONE) return undefined;
    claim.position = position;
    claim.page = page;
    return claim;
  }

  #takeFromDead(bytes: number, ask: boolean): number {
    const inCells = new Set<number>();
    this.sweep(ask);
    for (let cell = 0; cell < this.ring.capacity; cell++) inCells.add(atomics.load(this.words, CELLS + CELL_WORDS * cell + PAGE));
    this.heap.reclaim((page) => inCells.has(page), ask);
    return this.heap.take(bytes);
  }

  #noteFree(at: number, page: number): void {
    this.heap.noteFree(page);
    this.monitor.note(at + PAGE, 0);
  }

  /** If a dead thread's claim at this cell is all that is in the way, it is undone. Most claims are of those who are just at it: only one that stays is looked at closely. */
  #unstick(at: number): boolean {
    const state = atomics.load(this.words, at);
    const kind = kindOf(state);
    if (kind === EMPTY || kind === FULL) return false;
    const now = atomics.now();
    if (state !== this.#stuck) {
      this.#stuck = state;
      this.#stuckSince = now;
    }
    if (!this.#members.isDead(memberOf(state), now - this.#stuckSince > LOOK)) return false;
    return this.monitor.within(() => this.undo(at, false));
  }

  /** Whether all who seem to be in a line are dead. */
  #nobodyIn(line: LineOf): boolean {
    this.monitor.within(() => line.settle());
    return line.isEmpty;
  }
}

/** Where an item goes. One object for all: it is used up before anything else happens. */
export interface Claim {
  position: number;
  page: number;
}
const claim: Claim = { position: 0, page: 0 };

export const closed = (what: string): QueueClosedError =>
  new QueueClosedError(`Cannot ${what} this queue: it is closed${what.startsWith('get') ? ' and empty' : ''}`);

const outbox = new Uint8Array(INLINE_BYTES);
const outboxWords = new Int32Array(outbox.buffer);

/** The bytes of a small item, as words: the last one may have more than there is. */
function wordsOf({ bytes, length }: Packed): Int32Array {
  if (bytes === written) return writtenWords;
  outbox.set(bytes.length === length ? bytes : bytes.subarray(0, length));
  return outboxWords;
}
