import { MessageChannel, Worker } from 'node:worker_threads';

const entry = new URL('port.entry.mjs', import.meta.url);

function connect(moved = false) {
  const worker = new Worker(entry);
  const { port1, port2 } = new MessageChannel();
  worker.postMessage({ port: port2, moved }, [port2]);
  return { worker, port: port1 };
}

/**
 * The limit of a thread: a message of an id and two numbers there and back over a bare MessagePort, without a promise, a queue or an
 * error. `tiny` and `echo` are awaited by the measure, so their one promise is made by hand.
 */
export async function open({ moved = false }) {
  const { worker, port } = connect(moved);
  let resolve;
  const settled = (fn) => {
    resolve = fn;
  };
  port.on('message', (value) => resolve(value));
  const send = (value, transfer) => {
    port.postMessage(value, transfer);
    return new Promise(settled);
  };
  return {
    tiny: () => send([0, 1, 2]),
    echo: moved ? (bytes) => send(bytes, [bytes.buffer]) : (value) => send(value),
    close: () => worker.terminate(),
  };
}

/** Counts what comes back while `inFlight` messages are kept under way, spread over `workers`. */
export async function flood({ workers = 1, inFlight, ms }) {
  const ends = Array.from({ length: workers }, () => connect());
  let seen = 0;
  let from = 0;
  let start = 0;
  await new Promise((resolve) => {
    const opened = performance.now();
    for (const { port } of ends) {
      port.on('message', (value) => {
        port.postMessage(value);
        if ((++seen & 63) !== 0) return;
        const now = performance.now();
        if (start === 0 && now - opened > ms / 2) [start, from] = [now, seen];
        else if (start !== 0 && now - start > ms) resolve();
      });
      for (let i = 0; i < inFlight / workers; i++) port.postMessage([i, 1, 2]);
    }
  });
  const perSecond = ((seen - from) / (performance.now() - start)) * 1000;
  await Promise.all(ends.map(({ worker }) => worker.terminate()));
  return { perSecond };
}
