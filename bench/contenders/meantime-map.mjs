import { map } from '../../dist/batch/index.js';

/** `map` of the library: with nothing said it chooses by itself. */
export function mapAll(fn, inputs, options) {
  return async () => await map(fn, inputs, options);
}
