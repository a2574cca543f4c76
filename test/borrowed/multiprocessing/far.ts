import { appendFileSync, existsSync } from 'node:fs';
import type { Connection, ProcessQueue } from 'meantime/processes';

/*
 * What the processes of these suites run.
 */

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export const note = (log: string, line: string): void => appendFileSync(log, `${line}\n`);

export const square = (n: number): number => n * n;

export const echo = <T>(value: T): T => value;

export const gather = (...args: unknown[]): unknown[] => args;

export const pid = (): number => process.pid;

export function fail(message: string): never {
  throw new RangeError(message);
}

export async function hold(path: string): Promise<void> {
  while (!existsSync(path)) await pause(2);
}

export async function noteAndHold(log: string, path: string): Promise<void> {
  note(log, 'runs');
  await hold(path);
}

/** Neither ends nor listens. */
export function spin(log: string): never {
  note(log, 'runs');
  for (;;);
}

export function exitWith(code: number): never {
  process.exit(code);
}

export function failWith(text: string): never {
  process.stderr.write(`${text}\n`);
  throw new Error(text);
}

export const uncloneable = (): unknown => () => 1;

export const shape = (): { pid: number; ppid: number; node: string } => ({ pid: process.pid, ppid: process.ppid, node: process.execPath });

/** Leaves behind what would keep a process alive. */
export function leavesTimers(): string {
  setInterval(() => undefined, 1000);
  return 'returned';
}

/** A tree of processes: each notes where it is, and starts two. */
export async function tree(log: string, path: string, depth: number): Promise<void> {
  note(log, path);
  if (depth === 0) return;
  const { Process } = await import('meantime/processes');
  await Promise.all([0, 1].map((i) => Process.start(tree, log, `${path}/${i}`, depth - 1)));
}

// --- queues

export async function putAll(queue: ProcessQueue<unknown>, items: readonly unknown[]): Promise<void> {
  for (const item of items) await queue.put(item);
}

export async function getSome(queue: ProcessQueue<unknown>, n: number): Promise<unknown[]> {
  const got: unknown[] = [];
  for (let i = 0; i < n; i++) got.push(await queue.get());
  return got;
}

/** Works off what comes, until the queue is closed. */
export async function workOff(queue: ProcessQueue<number>, log: string): Promise<number> {
  let done = 0;
  for await (const item of queue) {
    note(log, `${item}`);
    await queue.taskDone();
    done++;
  }
  return done;
}

export async function getInTime(queue: ProcessQueue<unknown>, timeout: number): Promise<[error: string, ms: number]> {
  const began = performance.now();
  try {
    await queue.get({ timeout });
    return ['none', performance.now() - began];
  } catch (error) {
    return [(error as Error).name, performance.now() - began];
  }
}

// --- connections

/** Sends back whatever comes, until the other side closes. */
export async function echoes(connection: Connection<unknown>): Promise<number> {
  let count = 0;
  for await (const message of connection) {
    await connection.send(message);
    count++;
  }
  return count;
}

/** Receives the end of another pipe, and speaks through it. */
export async function speakThroughReceived(connection: Connection<Connection<string>>): Promise<void> {
  const received = await connection.receive();
  await received.send('through what was received');
  await received.close();
}

export async function client(path: string, key: Uint8Array, message: unknown): Promise<unknown> {
  const { connect } = await import('meantime/processes');
  await using connection = await connect(path, { key });
  await connection.send(message);
  return await connection.receive();
}

export async function sendAndEnd(connection: Connection<unknown>, messages: readonly unknown[]): Promise<void> {
  for (const message of messages) await connection.send(message);
  await connection.close();
}

export async function sendAndDie(connection: Connection<unknown>, message: unknown): Promise<never> {
  await connection.send(message);
  await pause(20);
  process.kill(process.pid, 'SIGKILL');
  for (;;);
}

// --- what a manager hosts

export class FooBar {
  f(): string {
    return 'f()';
  }

  g(): never {
    throw new RangeError('g()');
  }

  _h(): string {
    return '_h()';
  }
}

export class List {
  readonly items: unknown[] = [];

  append(item: unknown): void {
    this.items.push(item);
  }

  extend(items: readonly unknown[]): number {
    return this.items.push(...items);
  }

  at(i: number): unknown {
    return this.items.at(i);
  }

  slice(from?: number, to?: number): unknown[] {
    return this.items.slice(from, to);
  }

  reverse(): void {
    this.items.reverse();
  }

  *values(): Generator<unknown, void, undefined> {
    yield* this.items;
  }
}

export class Dict {
  readonly entries = new Map<unknown, unknown>();

  set(key: unknown, value: unknown): void {
    this.entries.set(key, value);
  }

  get(key: unknown): unknown {
    return this.entries.get(key);
  }

  copy(): Map<unknown, unknown> {
    return new Map(this.entries);
  }

  *keys(): Generator<unknown, void, undefined> {
    yield* this.entries.keys();
  }
}

// biome-ignore lint/suspicious/noExplicitAny: a handle whose type is that of a class over here
export const appendThere = async (list: any, items: readonly unknown[]): Promise<void> => {
  for (const item of items) await list.append(item);
};
