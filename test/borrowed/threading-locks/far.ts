import { appendFileSync, existsSync } from 'node:fs';

/*
 * What the others do: in threads and in processes, awaiting or blocking. Each notes what happens to it in a file; the order of its lines is the order of events.
 */

/** How a wait is done: `awaiting` its Future, or `blocking` the thread. */
export type Way = 'awaiting' | 'blocking';

export interface Limits {
  timeout?: number;
}

export interface Guard {
  readonly held: boolean;
  release(): void;
}

export interface ConditionGuard extends Guard {
  notify(n?: number): void;
  notifyAll(): void;
}

// biome-ignore lint/suspicious/noExplicitAny: the same name with and without "Sync" in classes that have no common type
type Methods = Record<string, (...args: any[]) => any>;

function call(object: object, way: Way, name: string, ...args: unknown[]): unknown {
  return (object as Methods)[way === 'blocking' ? `${name}Sync` : name](...args);
}

/** A lock of any kind; of one for readers and a writer, its write side. */
export const take = (lock: object, way: Way, limits?: Limits): PromiseLike<Guard> | Guard =>
  call(lock, way, 'write' in lock ? 'write' : 'acquire', limits) as Guard;

export const tryTake = (lock: object): PromiseLike<Guard | undefined> | Guard | undefined =>
  call(lock, 'awaiting', 'tryWrite' in lock ? 'tryWrite' : 'tryAcquire') as Guard | undefined;

export const holding = <R>(lock: object, fn: () => R): Promise<R> =>
  (lock as Methods)['withWrite' in lock ? 'withWrite' : 'with'](fn) as Promise<R>;

export const permits = (semaphore: object, way: Way, n: number, limits?: Limits): PromiseLike<Guard> | Guard =>
  call(semaphore, way, 'acquire', n, limits) as Guard;

export const wait = (object: object, way: Way, limits?: Limits): PromiseLike<number> | number =>
  call(object, way, 'wait', limits) as number;

export const waitFor = (object: object, way: Way, predicate: () => unknown, limits?: Limits): PromiseLike<unknown> | unknown =>
  call(object, way, 'waitFor', predicate, limits);

/** What is a property here and has to be asked for there. */
export async function ask<T>(object: object, name: string): Promise<T> {
  const value = (object as Record<string, unknown>)[name];
  return (await (typeof value === 'function' ? value.call(object) : value)) as T;
}

/** Who waits elsewhere has asked its broker: what it has said to it before has been heard. */
const heard = async (object: object, name: string): Promise<void> => void (await ask(object, name));

export const note = (log: string, line: string): void => appendFileSync(log, `${line}\n`);

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export async function gate(path: string): Promise<void> {
  while (!existsSync(path)) await pause(2);
}

/** One of several that do the same. */
export interface Part {
  readonly on: object;
  readonly way: Way;
  readonly log: string;
  readonly name: string;
}

// --- locks

export async function takeAndRelease({ on, way, log, name }: Part): Promise<void> {
  const taking = way === 'awaiting' ? take(on, way) : undefined;
  note(log, `asks ${name}`);
  const guard = await (taking ?? take(on, way));
  note(log, `has ${name}`);
  guard.release();
}

export const tryOnce = async ({ on }: Part): Promise<boolean> => {
  const guard = await tryTake(on);
  guard?.release();
  return guard !== undefined;
};

/** The name of the error, and how long it took. */
export async function takeInTime({ on, way }: Part, timeout: number): Promise<[error: string, ms: number]> {
  const began = performance.now();
  try {
    (await take(on, way, { timeout })).release();
    return ['none', performance.now() - began];
  } catch (error) {
    return [(error as Error).name, performance.now() - began];
  }
}

/** Takes it twice; whoever may not is told so, or waits until its time is over. */
export async function takeTwice({ on, way }: Part): Promise<string> {
  const first = await take(on, way);
  try {
    const second = await take(on, way, { timeout: 50 });
    if (!first.held || !second.held) return 'lost';
    second.release();
    return first.held ? 'twice' : 'lost';
  } catch (error) {
    return (error as Error).name;
  } finally {
    first.release();
  }
}

/** How deep it is held, at each step in and out. */
export async function depths({ on, way }: Part): Promise<number[]> {
  const seen: number[] = [];
  const look = () => seen.push((on as { depth: number }).depth);
  look();
  const guards: Guard[] = [];
  for (let i = 0; i < 3; i++) {
    guards.push(await take(on, way));
    look();
  }
  for (const guard of guards.reverse()) {
    guard.release();
    look();
  }
  return seen;
}

export const depth = ({ on }: Part): number => (on as { depth: number }).depth;

/** Releases what is not held any more. */
export async function releaseTwice({ on, way }: Part): Promise<string> {
  const guards = [await take(on, way), await take(on, way)];
  for (const guard of guards) guard.release();
  try {
    guards[0].release();
    return 'none';
  } catch (error) {
    return (error as Error).name;
  }
}

/** Takes it, and holds it until the gate opens. */
export async function holdUntil({ on, way, log, name }: Part, path: string): Promise<void> {
  const guard = await take(on, way);
  note(log, `has ${name}`);
  await gate(path);
  guard.release();
}

// --- events

async function waiting(on: object, way: Way, log: string, line: string, ready: string): Promise<unknown> {
  if (way === 'blocking') {
    note(log, line);
    return wait(on, way);
  }
  const coming = wait(on, way);
  await heard(on, ready);
  note(log, line);
  return coming;
}

export async function waitTwice({ on, way, log, name }: Part): Promise<void> {
  await waiting(on, way, log, `waits ${name}`, 'isSet');
  note(log, `first ${name}`);
  await wait(on, way);
  note(log, `second ${name}`);
}

export async function waitOnce({ on, way, log, name }: Part): Promise<void> {
  await waiting(on, way, log, `waits ${name}`, 'isSet');
  note(log, `woke ${name}`);
}

export async function waitInTime({ on, way }: Part, timeout: number): Promise<[error: string, ms: number]> {
  const began = performance.now();
  try {
    await wait(on, way, { timeout });
    return ['none', performance.now() - began];
  } catch (error) {
    return [(error as Error).name, performance.now() - began];
  }
}

// --- conditions

export async function waitsForNotice({ on, way, log, name }: Part): Promise<void> {
  for (const round of ['first', 'second']) {
    const guard = (await take(on, way)) as ConditionGuard;
    note(log, `ready ${name}`);
    await wait(guard, way);
    guard.release();
    note(log, `${round} ${name}`);
  }
}

export async function noticeInTime({ on, way }: Part, timeout: number): Promise<[error: string, ms: number, held: boolean]> {
  const guard = await take(on, way);
  const began = performance.now();
  try {
    await wait(guard, way, { timeout });
    return ['none', performance.now() - began, guard.held];
  } catch (error) {
    return [(error as Error).name, performance.now() - began, guard.held];
  } finally {
    guard.release();
  }
}

/** Waits until the file has so many lines. */
export async function waitsForLines({ on, way, log, name }: Part, file: string, lines: number, timeout?: number): Promise<string> {
  const { readFileSync } = await import('node:fs');
  const count = () => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0);
  const guard = await take(on, way);
  note(log, `waits ${name}`);
  try {
    await waitFor(guard, way, () => count() >= lines, timeout === undefined ? undefined : { timeout });
    return `${count()} lines`;
  } catch (error) {
    return (error as Error).name;
  } finally {
    guard.release();
  }
}

// --- semaphores

/** Takes one, and then one more, and gives both back when the gate opens. */
export async function takeBoth({ on, way, log, name }: Part, path: string): Promise<void> {
  const first = await permits(on, way, 1);
  note(log, `has ${name}`);
  const second = await permits(on, way, 1);
  note(log, `has ${name}`);
  await gate(path);
  first.release();
  second.release();
}

export async function tryBoth({ on, log }: Part, path: string): Promise<boolean[]> {
  const guards = [await tryTake(on), await tryTake(on)];
  note(log, 'tried');
  await gate(path);
  for (const guard of guards) guard?.release();
  return guards.map((guard) => guard !== undefined);
}

export async function permitsInTime({ on, way }: Part, timeout: number): Promise<[error: string, ms: number]> {
  const began = performance.now();
  try {
    (await permits(on, way, 1, { timeout })).release();
    return ['none', performance.now() - began];
  } catch (error) {
    return [(error as Error).name, performance.now() - began];
  }
}

// --- barriers

/** Through a barrier so many times: nobody is through before all have come. */
export async function multipass({ on, way, log, name }: Part, passes: number): Promise<number[]> {
  const indices: number[] = [];
  for (let pass = 0; pass < passes; pass++) {
    note(log, `comes ${pass} ${name}`);
    indices.push(await wait(on, way));
    note(log, `goes ${pass} ${name}`);
    await wait(on, way);
  }
  return indices;
}

/** The first one to come acts before anybody goes on. */
export async function actOnce({ on, way, log, name }: Part): Promise<void> {
  if ((await wait(on, way)) === 0) note(log, 'action');
  await wait(on, way);
  note(log, `goes ${name}`);
}

async function outcome(of: () => PromiseLike<unknown> | unknown): Promise<string> {
  try {
    await of();
    return 'passed';
  } catch (error) {
    return (error as Error).name;
  }
}

/** One of them breaks it instead of coming a second time. */
export async function abortInstead({ on, way }: Part): Promise<string> {
  if ((await wait(on, way)) !== 2) return outcome(() => wait(on, way));
  await (on as Methods).abort();
  return 'aborts';
}

/** One of them resets it when all the others wait, and then all pass. */
export async function resetInstead({ on, way }: Part, parties: number): Promise<string[]> {
  let seen: string;
  if ((await wait(on, way)) !== 2) seen = await outcome(() => wait(on, way));
  else {
    while ((await ask<number>(on, 'waiting')) < parties - 1) await pause(1);
    await (on as Methods).reset();
    seen = 'resets';
  }
  return [seen, await outcome(() => wait(on, way))];
}

export async function abortAndReset({ on, way }: Part, second: object): Promise<string[]> {
  const seen = await abortInstead({ on, way, log: '', name: '' });
  if ((await wait(second, way)) === 2) await (on as Methods).reset();
  await wait(second, way);
  return [seen, await outcome(() => wait(on, way))];
}

/** One of them comes only when the others have given up. */
export async function comeLate({ on, way, log }: Part, parties: number): Promise<string> {
  if ((await wait(on, way)) === 2) {
    const { readFileSync } = await import('node:fs');
    const gaveUp = () => (existsSync(log) ? readFileSync(log, 'utf8').split('\n').length - 1 : 0);
    while (gaveUp() < parties - 1) await pause(2);
    return 'late';
  }
  const seen = await outcome(() => wait(on, way, { timeout: 100 }));
  note(log, seen);
  return seen;
}
