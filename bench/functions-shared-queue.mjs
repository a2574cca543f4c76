import { receiveMessageOnPort } from 'node:worker_threads';
import { together } from './functions-shared.mjs';

/*
 * What the cases of items and of numbers that threads share run in threads. Times are of a clock that all threads have in common.
 */
const clock = () => Number(process.hrtime.bigint()) / 1e6;

const bytes = new Uint8Array(64 * 1024).map((_, i) => i);
const items = {
  object: (i) => ({ id: i, name: 'thumb.jpg', size: i * 0.5 }),
  number: (i) => i,
  bytes: () => bytes,
};
/** Something of the item, so that it has to be there. */
const marks = { object: (item) => item.id, number: (item) => item, bytes: (item) => item.length };

function check(kind, sum, n) {
  const wanted = kind === 'bytes' ? n * bytes.length : (n * (n - 1)) / 2;
  if (sum !== wanted) throw new Error(`${n} of ${kind} gave ${sum} instead of ${wanted}`);
}

export function produce(queue, kind, meeting, warm, n) {
  const make = items[kind];
  for (let i = 0; i < warm; i++) queue.putSync(make(i));
  together(meeting, 2);
  const start = clock();
  for (let i = 0; i < n; i++) queue.putSync(make(i));
  return start;
}

export function consume(queue, kind, meeting, warm, n) {
  const mark = marks[kind];
  let sum = 0;
  for (let i = 0; i < warm; i++) mark(queue.getSync());
  together(meeting, 2);
  for (let i = 0; i < n; i++) sum += mark(queue.getSync());
  check(kind, sum, n);
  return clock();
}

export async function produceLater(queue, kind, meeting, warm, n) {
  const make = items[kind];
  for (let i = 0; i < warm; i++) await queue.put(make(i));
  together(meeting, 2);
  const start = clock();
  for (let i = 0; i < n; i++) await queue.put(make(i));
  return start;
}

export async function consumeLater(queue, kind, meeting, warm, n) {
  const mark = marks[kind];
  let sum = 0;
  for (let i = 0; i < warm; i++) mark(await queue.get());
  together(meeting, 2);
  for (let i = 0; i < n; i++) sum += mark(await queue.get());
  check(kind, sum, n);
  return clock();
}

/** A port has no bound: all is sent at once, which is what it does best. */
export function send(port, kind, meeting, warm, n) {
  const make = items[kind];
  for (let i = 0; i < warm; i++) port.postMessage(make(i));
  together(meeting, 2);
  const start = clock();
  for (let i = 0; i < n; i++) port.postMessage(make(i));
  port.unref();
  return start;
}

export function receive(port, kind, meeting, warm, n) {
  const mark = marks[kind];
  let seen = -warm;
  let sum = 0;
  return new Promise((resolve) => {
    port.on('message', (item) => {
      if (seen >= 0) sum += mark(item);
      if (++seen === 0) together(meeting, 2);
      else if (seen === n) {
        check(kind, sum, n);
        port.close();
        resolve(clock());
      }
    });
  });
}

/** The same without the event loop: asked for again and again. */
export function poll(port, kind, meeting, warm, n) {
  const mark = marks[kind];
  let sum = 0;
  const next = () => {
    for (;;) {
      const got = receiveMessageOnPort(port);
      if (got !== undefined) return got.message;
    }
  };
  for (let i = 0; i < warm; i++) mark(next());
  together(meeting, 2);
  for (let i = 0; i < n; i++) sum += mark(next());
  check(kind, sum, n);
  port.close();
  return clock();
}

const adders = {
  ours: (count, n) => {
    for (let i = 0; i < n; i++) count.add(1);
  },
  raw: (words, n) => {
    for (let i = 0; i < n; i++) Atomics.add(words, 0, 1);
  },
};

/** Adds `n` times, after as many that do not count, together with another thread. */
export function add(who, count, meeting, n) {
  adders[who](count, n);
  together(meeting, 2);
  const start = clock();
  adders[who](count, n);
  return [start, clock()];
}
