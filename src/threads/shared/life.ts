import { existsSync, readlinkSync } from 'node:fs';
import type { Words } from './atomics.js';

/*
 * Which threads of this process are dead. A lock's word says who holds it, and only somebody else can say that this thread is no more.
 *
 *   words 0 .. BITS - 1:   one bit a thread, by its number: set by whoever sees it end
 *   the rest:              pairs of a thread's number and its number in the operating system, at the place `number % SEATS`
 *
 * Threads that this package starts are marked by the thread that started them, when it is told of their end. That needs a turn of its event loop, and threads
 * may be started by others; so on Linux whoever has waited for a while also looks whether the operating system still has the thread.
 */

/** As many numbers as can be told apart: a thread that is that much older than the newest counts as alive again. */
const NUMBERS = 2 ** 20;
const BITS = NUMBERS / 32;
/** For how many of the newest threads the number of the operating system is kept. */
const SEATS = 4096;

const KEY = Symbol.for('meantime.life').toString();

let table: Words | undefined;
/** Whether this thread has said who it is. */
let entered = false;

/** One table for a process. It is handed down: a thread inherits what the one that started it had. */
function words(): Words {
  if (table !== undefined) return table;
  const { getEnvironmentData, setEnvironmentData } = process.getBuiltinModule('node:worker_threads');
  let memory = getEnvironmentData(KEY) as unknown as SharedArrayBuffer | undefined;
  if (!(memory instanceof SharedArrayBuffer)) {
    memory = new SharedArrayBuffer((BITS + 2 * SEATS) * 4);
    setEnvironmentData(KEY, memory as never);
  }
  table = new Int32Array(memory);
  return table;
}

const bit = (thread: number): number => 1 << (thread & 31);
const wordOf = (thread: number): number => (thread >>> 5) % BITS;
const seatOf = (thread: number): number => BITS + 2 * (thread % SEATS);

/** Makes sure that a thread that is started now has the table, too. */
export const handDown = (): void => void words();

/** The number of this thread, from 1. */
export function thisThread(): number {
  const number = process.getBuiltinModule('node:worker_threads').threadId + 1;
  if (entered) return number;
  entered = true;
  const life = words();
  // A number that has come round again is a new thread.
  Atomics.and(life, wordOf(number), ~bit(number));
  const task = ownTask();
  if (task > 0) {
    Atomics.store(life, seatOf(number) + 1, task);
    Atomics.store(life, seatOf(number), number);
  }
  return number;
}

/** This thread's number in the operating system; 0 where that is not told. */
function ownTask(): number {
  if (process.platform !== 'linux') return 0;
  try {
    return Number(readlinkSync('/proc/thread-self').split('/').at(-1));
  } catch {
    return 0; // no /proc in this container: deaths are told by whoever started the thread
  }
}

/** Whoever sees a thread end says so. */
export function markDead(thread: number): void {
  Atomics.or(words(), wordOf(thread), bit(thread));
}

/**
 * Whether a thread is dead.
 *
 * @param ask Also asks the operating system: for whoever has waited for it. Some microseconds.
 */
export function isDead(thread: number, ask: boolean): boolean {
  const life = words();
  if (Atomics.load(life, wordOf(thread)) & bit(thread)) return true;
  if (!ask || Atomics.load(life, seatOf(thread)) !== thread) return false;
  const task = Atomics.load(life, seatOf(thread) + 1);
  if (existsSync(`/proc/self/task/${task}`) || Atomics.load(life, seatOf(thread)) !== thread) return false;
  markDead(thread);
  return true;
}
