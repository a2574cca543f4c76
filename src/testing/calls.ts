import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { threadId } from 'node:worker_threads';
import { clock, currentSignal, onAbort } from '../core/index.js';

/*
 * What the suites submit. It runs over there, in another thread, another process or on another machine, and tells what it saw
 * by lines in a file: the one thing that all of them share and that outlives a killed worker.
 */

export const add = (a: number, b: number): number => a + b;

export const echo = <T>(value: T): T => value;

export const count = (...args: unknown[]): number => args.length;

export const nothing = (): void => undefined;

export async function later<T>(value: T): Promise<T> {
  await pause(1);
  return value;
}

export function* coroutine(a: number, b: number): Generator<unknown, number, never> {
  const left: number = yield later(a);
  try {
    yield Promise.reject(new RangeError('caught inside'));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return left + b;
}

/** Which thread of which process this is. */
export const whereAmI = (): string => `${process.pid}/${threadId}`;

export const pid = (): number => process.pid;

/** Waits without listening to anything. */
export const pause = (ms: number): Promise<void> => new Promise((resolve) => clock.after(ms, resolve));

/** Adds a line to the file. */
export function note(file: string, line: unknown): void {
  appendFileSync(file, `${line}\n`);
}

export const linesOf = (file: string): string[] => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []);

export function noteAndReturn<T>(file: string, line: T): T {
  note(file, line);
  return line;
}

/** For maps, whose functions get one input. */
export function noteInput(input: { file: string; n: number }): number {
  return noteAndReturn(input.file, input.n);
}

/** Says `in`, and is done when `n` have said so: only calls that are in progress at a time get through. */
export async function meet(file: string, n: number): Promise<void> {
  note(file, 'in');
  while (linesOf(file).filter((line) => line === 'in').length < n) await pause(2);
}

/** Notes `held`, and is done when the gate exists. Does not listen to its signal. */
export async function hold(file: string, gate: string): Promise<string> {
  note(file, 'held');
  while (!existsSync(gate)) await pause(2);
  return 'released';
}

/** The same, and notes its end as well. */
export async function holdAndTell(file: string, gate: string): Promise<void> {
  note(file, await hold(file, gate));
}

/** The same, but its thread can do nothing else. */
export function holdThread(file: string, gate: string): string {
  note(file, 'held');
  while (!existsSync(gate));
  return 'released';
}

/** Notes that it runs, then how its signal aborted, and fails with the reason. */
export async function untilAborted(file: string): Promise<never> {
  const signal = currentSignal();
  if (signal === undefined) throw new Error('a call sees no signal');
  note(file, 'runs');
  await new Promise<void>((resolve) => onAbort(signal, resolve));
  const { name, message } = signal.reason as Error;
  note(file, `aborted: ${name}: ${message}`);
  throw signal.reason;
}

/** Never ends, never yields, and leaves a mark every few milliseconds while it burns. */
export function burn(file: string): never {
  for (;;) {
    note(file, 'burning');
    spin(3);
  }
}

/** Computes for `ms`. */
export function spin(ms: number): number {
  const until = clock.now() + ms;
  let turns = 0;
  while (clock.now() < until) turns++;
  return turns;
}

/** Fails until it has been tried so many times. */
export function failTimes(file: string, times: number): number {
  note(file, 'tried');
  const tries = linesOf(file).length;
  if (tries <= times) throw new Error(`try ${tries} fails`);
  return tries;
}

// --- calls that take their worker with them

/** Ends a worker; on the main thread of a test that would be the end of the tests. */
function end(code: number): never {
  process.exit(code);
}

export function exit(file: string, code: number): never {
  note(file, 'exits');
  return end(code);
}

export function exitOnce(file: string, code: number): string {
  note(file, 'tried');
  if (linesOf(file).length === 1) end(code);
  return 'survived';
}

/** Of the inputs of a map, one ends its worker. */
export function exitAt(input: { file: string; n: number; bad: number }): number {
  note(input.file, input.n);
  if (input.n === input.bad) end(3);
  return input.n;
}

export async function throwOutside(): Promise<void> {
  clock.soon(() => {
    throw new Error('thrown outside of any call');
  });
  await new Promise(() => clock.after(60_000, nothing));
}

export async function rejectOutside(): Promise<void> {
  Promise.reject(new Error('rejected and never looked at'));
  await new Promise(() => clock.after(60_000, nothing));
}

export function eatMemory(): number {
  const hoard: unknown[] = [];
  for (;;) hoard.push(Array.from({ length: 10_000 }, (_, i) => ({ i, text: `${i}` })));
}

export function killYourself(signal: NodeJS.Signals): void {
  process.kill(process.pid, signal);
  for (;;);
}

// --- setting up a worker

let prepared: unknown;

export function prepare(file: string, value: unknown): void {
  note(file, `prepared ${whereAmI()}`);
  prepared = value;
}

export async function prepareLater(file: string, value: unknown): Promise<void> {
  await pause(5);
  prepare(file, value);
}

export const whatIsPrepared = (): unknown => prepared;

export function cannotPrepare(file: string): never {
  note(file, 'started');
  throw new RangeError('the initializer gives up');
}

/** A call that makes an executor of its own and waits for it. */
export async function nested(n: number): Promise<number> {
  const { ThreadPoolExecutor } = await import('../threads/index.js');
  await using pool = new ThreadPoolExecutor({ workers: 1 });
  return (await pool.submit(add, n, 1)) * 2;
}
