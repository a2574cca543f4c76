import { bare } from '../../core/index.js';
import type { Gate } from './gate.js';
import type { Send } from './split-chunk.js';

/** `send`, as soon as the gate lets it. */
export function gated(gate: Gate | undefined, send: Send): Send {
  if (gate === undefined) return send;
  return (fn, inputs, options, origin, stop, sink) => {
    let cancel: ((reason?: unknown) => void) | undefined;
    const go = (leave: () => void) => {
      const ended = (ms: number) => {
        leave();
        sink.ended(ms);
      };
      cancel = send(fn, inputs, options, origin, stop, bare(sink, { ended }));
    };
    const takeBack = gate.enter('there', go, options.priority);
    return (reason) => {
      if (takeBack()) sink.ended(0);
      else cancel?.(reason);
    };
  };
}
