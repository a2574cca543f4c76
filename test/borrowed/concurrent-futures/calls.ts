import { appendFileSync, existsSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/*
 * What these suites submit.
 */

export const mul = (x: number, y: number): number => x * y;

export const capture = (...args: unknown[]): unknown[] => args;

export const square = (n: number): number => n ** 2;

export const magnitude = (n: number): number => Math.abs(n);

/** As Python's: it throws where a remainder cannot be had. */
export function divmod([a, b]: readonly [number, number]): [number, number] {
  if (b === 0) throw new RangeError('division by zero');
  return [Math.floor(a / b), a % b];
}

export function fail(message: string): never {
  throw new Error(message);
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Done when the gate is open. */
export async function hold(gate: string): Promise<void> {
  while (!existsSync(gate)) await pause(2);
}

export async function holdAndFail(gate: string): Promise<never> {
  await hold(gate);
  throw new Error('this is an exception');
}

/** Of the inputs of a map, those that are gates are waited for. */
export async function holdOrReturn(input: string | number): Promise<string | number> {
  if (typeof input === 'string') await hold(input);
  return input;
}

/** Notes its start and its end. */
export async function logAndWait({ log, gate, name }: { log: string; gate: string; name: string }): Promise<void> {
  appendFileSync(log, `${name} started\n`);
  await hold(gate);
  appendFileSync(log, `${name} stopped\n`);
}

export const makeObject = (n: number): { n: number; filler: number[] } => ({ n, filler: new Array(1000).fill(n) });

// --- memory

/** The garbage collector of this isolate. */
export function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

let kept: WeakRef<object> | undefined;

export function keepWeakly(value: object): void {
  kept = new WeakRef(value);
}

/** Whether what a call before was given is collected. */
export async function isCollected(): Promise<boolean> {
  const gc = collector();
  for (let i = 0; i < 50 && kept?.deref() !== undefined; i++) {
    await pause(1);
    gc();
  }
  return kept !== undefined && kept.deref() === undefined;
}

// --- what is set up

let status = 'uninitialized';

export function initialize(value: string): void {
  status = value;
}

export const statusOf = (): string => status;

export function failToInitialize(): never {
  throw new RangeError('error in initializer');
}

// --- calls that end their worker

/** A crash: not even a handler of the process runs. */
export function crash(): never {
  process.kill(process.pid, 'SIGSEGV');
  for (;;);
}

export async function crashLater(gate: string): Promise<never> {
  await hold(gate);
  return crash();
}

export async function exitLater(gate: string): Promise<never> {
  await hold(gate);
  process.exit(1);
}

export const crashWith = (data: string): never => (data.length > 0 ? crash() : fail('no data came'));

export const exitWith = (data: string): never => (data.length > 0 ? exit() : fail('no data came'));

export function exit(): never {
  process.exit(1);
}

/** Results that do something when they are encoded. */
export const crashAtEncoding = (): object => ({
  get value(): never {
    return crash();
  },
});

export const exitAtEncoding = (): object => ({
  get value(): never {
    return exit();
  },
});

export const failAtEncoding = (): object => ({
  get value(): never {
    throw new RangeError('no value today');
  },
});

export const uncloneable = (): object => ({ callback: () => 1 });

/** Gives the caller garbage instead of an answer, on the descriptor of the answers. */
export async function garble(): Promise<void> {
  const { writeSync } = await import('node:fs');
  writeSync(3, Buffer.alloc(4096)); // frames of no bytes
  await pause(60_000);
}
