import { MONITOR_WORDS } from '../monitor.js';
import { SLOTS_WORDS } from '../slots.js';

/*
 * Where what lies in the memory of a queue, in words. What is changed by different threads is not in one line of the processor's cache, nor in two that are fetched
 * together.
 */
const LINE = 32;

/** Of the shape, which never changes. */
export const CAPACITY = 0;
export const POSITIONS = 1;
export const PAGES = 2;
/** The position of the next item to be put << 1, + 1 once the queue is closed. */
export const TAIL = LINE;
/** The position of the next item to be taken. */
export const HEAD = 2 * LINE;
/** How often `taskDone` was called. */
export const DONE = 3 * LINE;
/** Flags of a line of people, see `line-of.ts`: of those who put, who get, who join. */
export const PUT_GATE = 4 * LINE;
export const GET_GATE = 5 * LINE;
export const JOIN_GATE = 6 * LINE;
/** How many positions came to nothing: whoever had them died. */
export const LOST = JOIN_GATE + 1;
/** No page before this one is free. */
export const ROVER = JOIN_GATE + 2;
export const MONITOR = 7 * LINE;
export const MEMBERS = MONITOR + MONITOR_WORDS;
/** The most threads that can use one queue at a time, and one: nobody has number 0. */
export const MOST_MEMBERS = 1024;
export const PUTTERS = MEMBERS + MOST_MEMBERS;
export const GETTERS = PUTTERS + SLOTS_WORDS;
export const JOINERS = GETTERS + SLOTS_WORDS;
export const CELLS = Math.ceil((JOINERS + SLOTS_WORDS) / LINE) * LINE;

/** A cell: its state; length << 2 | format; page + 1 of what is not in the cell, or 0; then the bytes. 256 bytes in all. */
export const CELL_WORDS = 64;
export const LENGTH = 1;
export const PAGE = 2;
export const INLINE = 3;
export const INLINE_BYTES = 4 * (CELL_WORDS - INLINE);

/** Of a page two words: of the first one of a run, how many there are, and the number of the thread that took them. */
export const PAGE_WORDS = 2;
export const PAGE_BYTES = 1024;

export const MOST_ITEMS = 2 ** 20;

/** How many words a queue needs, without the pages themselves. */
export const wordsOf = (capacity: number, pages: number): number => CELLS + CELL_WORDS * capacity + PAGE_WORDS * pages;

/**
 * How many positions there are before they begin again: the more, the surer that a thread which slept in the middle of a claim does not find the very position again. A power
 * of two times the capacity, so that a position's cell and its round are what is left and what comes out of a division.
 */
export function positionsOf(capacity: number): number {
  let rounds = 2;
  while (2 * rounds <= MOST_ROUNDS && 2 * rounds * capacity <= 2 ** 30) rounds *= 2;
  return rounds * capacity;
}
export const MOST_ROUNDS = 2 ** 20;
