import type { MessagePort } from 'node:worker_threads';
import { outside } from '../../core/index.js';

let held = 0;
let port: MessagePort | undefined;

/**
 * Keeps the event loop alive until `release`. Sockets of connections never do: somebody who waits does, and a paused socket would not
 * even then. It is the port of a channel that nobody uses: to turn it on and off costs little, and no clock is needed.
 */
export function hold(): void {
  if (held++ > 0) return;
  if (port === undefined) {
    const { MessageChannel } = process.getBuiltinModule('node:worker_threads');
    port = outside(() => new MessageChannel().port1);
  }
  port.ref();
}

/** Takes back one `hold`. */
export function release(): void {
  if (--held === 0) port?.unref();
}
