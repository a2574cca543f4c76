import { clock } from '../../core/index.js';
import { told } from '../told.js';
import type { Copying } from './measurement.js';

/** How long values are copied again and again to learn what that takes, in ms, and how often at least. */
const [ENOUGH, FEWEST] = [2, 5];

/** What it takes to copy values like these. */
export function copying(values: readonly unknown[]): Copying {
  const { serialize, deserialize } = process.getBuiltinModule('node:v8');
  if (values.length === 0) return { bytes: 0, ms: 0, refused: undefined };
  let bytes = 0;
  let quickest = Number.POSITIVE_INFINITY;
  try {
    // The first pass compiles, and others may be held up by neighbours: what a copy takes is what the quickest took.
    const began = clock.now();
    for (let pass = 0; pass < FEWEST || clock.now() - began < ENOUGH; pass++) {
      const from = clock.now();
      bytes = 0;
      for (const value of values) {
        const written = serialize(value);
        deserialize(written);
        bytes += written.byteLength;
      }
      quickest = Math.min(quickest, clock.now() - from);
    }
    return { bytes: Math.round(bytes / values.length), ms: quickest / values.length, refused: undefined };
  } catch (error) {
    return { bytes: 0, ms: 0, refused: told(error) }; // a function, a handle: who calls decides what that means
  }
}
