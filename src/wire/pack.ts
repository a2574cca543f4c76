/** Below this, what packing saves is lost again. */
const LEAST = 64;

/**
 * The numbers of an array as one block of memory, or `undefined` if it holds anything else. Structured clone writes an array value by value, at
 * 20 ns each; a block is moved between threads, and copied as a whole between processes. Every number arrives as it was: -0 and NaN too.
 */
export function packNumbers(values: readonly unknown[]): Float64Array<ArrayBuffer> | undefined {
  const { length } = values;
  if (length < LEAST) return undefined;
  for (let i = 0; i < length; i++) if (typeof values[i] !== 'number') return undefined;
  const packed = new Float64Array(length);
  for (let i = 0; i < length; i++) packed[i] = values[i] as number;
  return packed;
}
