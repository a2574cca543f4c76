import { clock } from '../../core/index.js';
import { toldOf } from './caller.js';
import type { Copying } from './measurement.js';

/** How long a value is copied again and again to learn what that takes, in ms. */
const ENOUGH = 2;

/** What it takes to copy values like these. */
export function copying(values: readonly unknown[]): Copying {
  const { serialize, deserialize } = process.getBuiltinModule('node:v8');
  let [bytes, times] = [0, 0];
  try {
    const began = clock.now();
    do {
      for (const value of values) {
        const written = serialize(value);
        deserialize(written);
        bytes += written.byteLength;
        times++;
      }
    } while (times > 0 && clock.now() - began < ENOUGH);
    if (times === 0) return { bytes: 0, ms: 0, refused: undefined };
    return { bytes: Math.round(bytes / times), ms: (clock.now() - began) / times, refused: undefined };
  } catch (error) {
    return { bytes: 0, ms: 0, refused: toldOf(error) }; // a function, a handle: who calls decides what that means
  }
}
