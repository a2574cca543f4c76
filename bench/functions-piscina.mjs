// Apart from functions.mjs because it loads the peer: a result says for itself that it is to be moved.
import { move } from 'piscina';

/** There and back without a copy. */
export function echoMoved(bytes) {
  return move(bytes);
}
