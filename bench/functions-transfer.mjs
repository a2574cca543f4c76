// Apart from functions.mjs because it loads the library: a result says for itself that it is to be moved.
import { transfer } from '../dist/threads/index.js';

/** There and back without a copy. */
export function echoMoved(bytes) {
  return transfer(bytes, [bytes.buffer]);
}
