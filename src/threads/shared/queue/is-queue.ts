import { both, fields, type PartsCheck, sharedMemory } from '../../../core/index.js';
import { atomics } from '../atomics.js';
import { CAPACITY, MOST_ITEMS, PAGE_BYTES, PAGES, POSITIONS, positionsOf, wordsOf } from './layout.js';

/** The parts of a queue: its memory has the shape that it says. */
export const isQueue: PartsCheck = both(fields({ cells: sharedMemory, pages: sharedMemory }), (v) => {
  const { cells, pages } = v as { cells: SharedArrayBuffer; pages: SharedArrayBuffer };
  const expected = 'the memory of a queue';
  if (cells.growable || cells.byteLength % 4 !== 0 || cells.byteLength < wordsOf(1, 1) * 4) return expected;
  const words = new Int32Array(cells);
  const [capacity, count] = [atomics.get(words, CAPACITY), atomics.get(words, PAGES)];
  if (capacity < 1 || capacity > MOST_ITEMS || count < 1 || pages.maxByteLength !== count * PAGE_BYTES) return expected;
  const isWhole = words.length === wordsOf(capacity, count) && atomics.get(words, POSITIONS) === positionsOf(capacity);
  return isWhole ? undefined : expected;
});
