import { atomics, type Words } from '../atomics.js';
import { CAPACITY, CELL_WORDS, CELLS, DONE, HEAD, POSITIONS, TAIL } from './layout.js';

/** What is in a cell: the lowest two bits of its word. */
export const EMPTY = 0;
export const WRITING = 1;
export const FULL = 2;
export const READING = 3;

const MEMBER_SHIFT = 2;
const ROUND_SHIFT = 12;
const MEMBER_MASK = (1 << (ROUND_SHIFT - MEMBER_SHIFT)) - 1;

export const kindOf = (state: number): number => state & 3;
export const memberOf = (state: number): number => (state >>> MEMBER_SHIFT) & MEMBER_MASK;

/** Instead of a position. */
export const NONE = -1;
export const OVER = -2;

/**
 * Cells in a ring, and who has which: the claims of a queue, without what is in it. Positions count through the ring again and again; a cell's word has the round it is in,
 * so a claim that was overtaken fails. See README.md for the rules.
 */
export class Ring {
  readonly words: Words;
  readonly capacity: number;
  readonly #positions: number;
  readonly #rounds: number;

  constructor(words: Words) {
    this.words = words;
    this.capacity = atomics.get(words, CAPACITY);
    this.#positions = atomics.get(words, POSITIONS);
    this.#rounds = this.#positions / this.capacity;
  }

  /** Where the cell of a position is. */
  cellAt(position: number): number {
    return CELLS + CELL_WORDS * (position % this.capacity);
  }

  /** The cell that is next to be put into, and the one that is next to be taken from. */
  get nextIn(): number {
    return this.cellAt(atomics.load(this.words, TAIL) >>> 1);
  }

  get nextOut(): number {
    return this.cellAt(atomics.load(this.words, HEAD));
  }

  /** A cell for the next item: its position; NONE if all are taken, OVER if the queue is closed. */
  claimPut(member: number): number {
    const { words } = this;
    for (;;) {
      const tail = atomics.load(words, TAIL);
      if (tail & 1) return OVER;
      const position = tail >>> 1;
      const round = this.#roundOf(position);
      const at = this.cellAt(position);
      const state = atomics.load(words, at);
      const ahead = this.#ahead(state >>> ROUND_SHIFT, round);
      if (state === round << ROUND_SHIFT) {
        const claim = (round << ROUND_SHIFT) | (member << MEMBER_SHIFT) | WRITING;
        if (atomics.compareExchange(words, at, state, claim) !== state) continue;
        const now = atomics.compareExchange(words, TAIL, tail, this.#next(position) << 1);
        if (now === tail || this.#isPast(now >>> 1, position)) return position; // rule 2
        // Rule 3: closed before it counted.
        if (now >>> 1 === position) atomics.store(words, at, state);
        else this.#skip(at, round);
      } else if (ahead < 0) return NONE;
      else atomics.compareExchange(words, TAIL, tail, this.#next(position) << 1); // rule 2
    }
  }

  /** The next item: its position; NONE if there is none yet, OVER if there will be no more. */
  claimGet(member: number): number {
    const { words } = this;
    for (;;) {
      const head = atomics.load(words, HEAD);
      const round = this.#roundOf(head);
      const at = this.cellAt(head);
      const state = atomics.load(words, at);
      const ahead = this.#ahead(state >>> ROUND_SHIFT, round);
      if (ahead === 0 && kindOf(state) === FULL) {
        const claim = (round << ROUND_SHIFT) | (member << MEMBER_SHIFT) | READING;
        if (atomics.compareExchange(words, at, state, claim) !== state) continue;
        atomics.compareExchange(words, HEAD, head, this.#next(head));
        return head;
      }
      if (ahead > 0 || (ahead === 0 && kindOf(state) === READING)) {
        atomics.compareExchange(words, HEAD, head, this.#next(head)); // rule 4
        continue;
      }
      return atomics.load(words, TAIL) === ((head << 1) | 1) ? OVER : NONE;
    }
  }

  /** The item is written. */
  publish(position: number): void {
    atomics.store(this.words, this.cellAt(position), (this.#roundOf(position) << ROUND_SHIFT) | FULL);
  }

  /** The word of a cell that is free for the round after that of `state`. */
  emptied(state: number): number {
    return ((((state >>> ROUND_SHIFT) + 1) & (this.#rounds - 1)) << ROUND_SHIFT) | EMPTY;
  }

  /** The word of a cell that has been read. */
  emptiedAt(position: number): number {
    return this.emptied(this.#roundOf(position) << ROUND_SHIFT);
  }

  /** Whether there may be an item to take. It does not look at the tail, which those who put are writing. */
  get mayGet(): boolean {
    const { words } = this;
    const head = atomics.load(words, HEAD);
    const state = atomics.load(words, this.cellAt(head));
    const ahead = this.#ahead(state >>> ROUND_SHIFT, this.#roundOf(head));
    return ahead > 0 || (ahead === 0 && kindOf(state) >= FULL);
  }

  /** Whether there may be room, or an end to see. */
  get mayPut(): boolean {
    const { words } = this;
    const tail = atomics.load(words, TAIL);
    if (tail & 1) return true;
    return this.#ahead(atomics.load(words, this.cellAt(tail >>> 1)) >>> ROUND_SHIFT, this.#roundOf(tail >>> 1)) >= 0;
  }

  get closed(): boolean {
    return (atomics.load(this.words, TAIL) & 1) === 1;
  }

  close(): void {
    atomics.or(this.words, TAIL, 1);
  }

  /** How many positions have been claimed and not taken. */
  get size(): number {
    const head = atomics.load(this.words, HEAD);
    const size = this.distance(atomics.load(this.words, TAIL) >>> 1, head);
    return size > this.#positions / 2 ? 0 : Math.min(size, this.capacity);
  }

  /** How many positions have been claimed: modulo some number. */
  get claimed(): number {
    return atomics.load(this.words, TAIL) >>> 1;
  }

  /** From one number of positions to another. */
  distance(to: number, from: number): number {
    const distance = (to - from) % this.#positions;
    return distance < 0 ? distance + this.#positions : distance;
  }

  /**
   * A dead thread has claimed this cell for an item. If nobody has counted it yet it is counted now, so that it can be skipped: `true`; or it never can be, as the queue
   * was closed before.
   */
  counts(at: number, state: number): boolean {
    const { words } = this;
    for (;;) {
      const tail = atomics.load(words, TAIL);
      const position = tail >>> 1;
      if (this.cellAt(position) !== at || this.#roundOf(position) !== state >>> ROUND_SHIFT) return true;
      if (tail & 1) return false;
      atomics.compareExchange(words, TAIL, tail, this.#next(position) << 1);
    }
  }

  /** The word of a cell that is free for the round of `state`. */
  freed(state: number): number {
    return (state >>> ROUND_SHIFT) << ROUND_SHIFT;
  }

  /** Rule 5: this thread slept in the midst of its claim until its position came round again. */
  #skip(at: number, round: number): void {
    atomics.add(this.words, DONE, 1);
    atomics.store(this.words, at, this.emptied(round << ROUND_SHIFT));
  }

  #roundOf(position: number): number {
    return (position / this.capacity) | 0;
  }

  #next(position: number): number {
    return position + 1 === this.#positions ? 0 : position + 1;
  }

  /** How many rounds one is ahead of another: below 0, behind. */
  #ahead(round: number, of: number): number {
    const ahead = (round - of) & (this.#rounds - 1);
    return ahead >= this.#rounds >>> 1 ? ahead - this.#rounds : ahead;
  }

  /** Whether a tail is past a position, by no more than there are cells. */
  #isPast(tail: number, position: number): boolean {
    const past = this.distance(tail, position);
    return past > 0 && past <= this.capacity;
  }
}
