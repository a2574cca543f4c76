import type { Running } from '../core/index.js';
import { cancellation, onAbort } from '../futures/index.js';
import { setAdopt } from './current.js';
import { Scope } from './scope.js';
import { roots } from './tree.js';

const adopted = new WeakMap<Running, Scope>();

/** A call of another room, in a worker for instance, has only a signal. Inside it, what waits here is cut off when that signal aborts. */
setAdopt((running) => {
  const known = adopted.get(running);
  if (known !== undefined) return known;
  const scope = new Scope(undefined);
  roots.delete(scope); // it ends when nobody holds it any more
  adopted.set(running, scope);
  const { signal } = running;
  const cancel = () => scope.cancelBecause(() => cancellation(signal.reason));
  if (signal.aborted) cancel();
  else onAbort(signal, cancel);
  return scope;
});
