import { createServer } from 'node:net';
import type { Connection } from 'meantime/processes';

/* The messages of hostile code in a worker: handles in parts of its own making. */

/** How an object says how it travels. */
const travels = Symbol.for('meantime.travels');

/** An object that says that it is a handle: of its class, as handles do. */
export const forgedHandle = (kind: string, parts: unknown): object => Object.create({ [travels]: () => ({ kind, parts }) });

/** The parts of a handle that is what it says. */
export const partsOf = (handle: object): unknown => (handle as Record<symbol, () => { parts: unknown }>)[travels]().parts;

/** A change to parts that are right. */
export type Change =
  | { set: readonly [name: string | number, value: unknown] }
  | { drop: string | number }
  | { whole: unknown }
  | { inherited: true };

function changed(parts: unknown, change: Change): unknown {
  if ('whole' in change) return change.whole;
  const copy = (Array.isArray(parts) ? [...parts] : { ...(parts as object) }) as Record<string, unknown>;
  if ('set' in change) copy[change.set[0]] = change.set[1];
  else if ('drop' in change) delete copy[change.drop];
  else return Object.create(copy) as object;
  return copy;
}

/** One message for each, and a number behind it. */
export async function sendForged(
  to: Connection<unknown>,
  forged: readonly (readonly [kind: string, parts: unknown, change?: Change])[],
): Promise<void> {
  for (const [kind, parts, change] of forged) {
    await to.send({ handle: forgedHandle(kind, change === undefined ? parts : changed(parts, change)) });
    await to.send(7);
  }
}

/** The same as an answer. */
export function forgeOf(kind: string, parts: unknown): { handle: unknown } {
  return { handle: forgedHandle(kind, parts) };
}

/** A block that is a file which this worker has open, whatever it is. */
export function forgeFile(path: string, size: number): { handle: unknown } {
  const fs = process.getBuiltinModule('node:fs');
  const fd = fs.openSync(path, fs.constants.O_RDWR | fs.constants.O_NONBLOCK);
  const { dev, ino } = fs.fstatSync(fd);
  const parts = { pid: process.pid, fd, id: `${dev}:${ino}`, size, path: undefined, name: undefined };
  return { handle: forgedHandle('processes/SharedMemory', parts) };
}

/** A block that is a socket of this worker. */
export async function forgeSocket(): Promise<{ handle: unknown }> {
  const fs = process.getBuiltinModule('node:fs');
  const server = createServer().listen(0, '127.0.0.1').unref();
  await new Promise((resolve) => server.once('listening', resolve));
  const { fd } = (server as unknown as { _handle: { fd: number } })._handle;
  const { dev, ino } = fs.fstatSync(fd);
  const parts = { pid: process.pid, fd, id: `${dev}:${ino}`, size: 10, path: undefined, name: undefined };
  return { handle: forgedHandle('processes/SharedMemory', parts) };
}
