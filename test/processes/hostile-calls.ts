// A worker that has been taken over has one handle: it speaks to the hub itself, with the built
// internals.
import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import type { Manager, ProcessLock, ProcessQueue, Remote } from 'meantime/processes';
import { forgedHandle, partsOf } from './forged-calls.js';
import type { Plenty } from './manager-classes.js';

type Where = readonly [path: string, key: Uint8Array, id: string];
type Parcel = { kind: string; parts: unknown };
type Message = [kind: number, channel: number, request: number | string, body: unknown];

const travels = Symbol.for('meantime.travels');
const internal = (path: string) => import(new URL(`../../src/processes/${path}.js`, import.meta.url).href);

/** The address of an object in its handle: the parcel of its own, or that in its first part. */
export function whereOf(handle: unknown): Where {
  const { parts } = (handle as { [travels](): Parcel })[travels]() as { parts: unknown[] };
  return (Array.isArray(parts[0]) ? parts[0] : parts) as unknown as Where;
}

/** Connections that were made here: they last as long as this process. */
const open: Socket[] = [];

export const [OPEN, ASK, TELL] = [1, 2, 3];
const [ANSWER, FAIL, TOLD, CLOSED] = [0, 1, 2, 3];

/** One who knows the key of a hub, and says what it likes. */
export class Stranger {
  readonly socket: Socket;
  readonly #write: (items: unknown[]) => Uint8Array[];
  readonly #heard: Message[] = [];
  #wake: () => void = () => undefined;
  #last = 0;
  isOver = false;

  private constructor(socket: Socket, write: (items: unknown[]) => Uint8Array[]) {
    this.socket = socket;
    this.#write = write;
  }

  /** @param reads Whether it ever reads what it is answered. */
  static async to([path, key]: Where, reads = true): Promise<Stranger> {
    const [{ introduce }, { writeBatch, readBatch }] = await Promise.all([internal('connection/handshake'), internal('connection/batch')]);
    const socket = connect(path);
    open.push(socket);
    const rest = await new Promise<Buffer>((resolve, reject) => {
      socket.on('error', () => undefined);
      introduce(socket, key, 10_000, (error: Error | undefined, more: Buffer) => (error ? reject(error) : resolve(more)));
    });
    const stranger = new Stranger(socket, writeBatch);
    let got = rest;
    const take = (chunk: Buffer) => {
      got = Buffer.concat([got, chunk]);
      while (got.length >= 4 && got.length >= 4 + got.readUInt32LE(0)) {
        const items = readBatch(got.subarray(4, 4 + got.readUInt32LE(0)), 2 ** 30) as unknown[];
        for (let i = 0; i < items.length; i += 4) stranger.#heard.push(items.slice(i, i + 4) as unknown as Message);
        got = got.subarray(4 + got.readUInt32LE(0));
      }
      stranger.#wake();
    };
    if (reads) {
      socket.on('data', take);
      take(Buffer.alloc(0)); // of what came with the handshake
      socket.resume();
    }
    socket.on('close', () => {
      stranger.isOver = true;
      stranger.#wake();
    });
    return stranger;
  }

  say(...messages: Message[]): void {
    for (const piece of this.#write(messages.flat())) this.socket.write(piece);
  }

  /** Messages that come, until so many have, or the connection ends. */
  async hears(count: number): Promise<Message[]> {
    while (this.#heard.length < count && !this.isOver)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    return this.#heard.splice(0, count);
  }

  /** Opens a channel; says why not, if it is closed again. */
  async opens(id: unknown, body: unknown): Promise<{ channel: number; refused: string | undefined }> {
    const channel = ++this.#last;
    // A request is answered in any case, by the service or because there is no such channel, which
    // a second one tells.
    this.say([OPEN, channel, id as string, body], [ASK, channel, 1, undefined]);
    for (;;) {
      const [message] = await this.hears(1);
      if (message === undefined) return { channel, refused: 'the connection has ended' };
      const [kind, at, , said] = message;
      if (at !== channel || kind === TOLD) continue;
      return { channel, refused: kind === CLOSED ? codeIn(said) : undefined };
    }
  }

  /** The answer of a request: what it fails with, or that it was answered. */
  async asks(channel: number, body: unknown): Promise<{ failed: string } | { answer: unknown }> {
    const request = ++this.#last + 1_000_000;
    this.say([ASK, channel, request, body]);
    for (;;) {
      const [message] = await this.hears(1);
      if (message === undefined) return { failed: 'the connection has ended' };
      const [kind, at, of, said] = message;
      if (at !== channel) continue;
      if (kind === CLOSED) return { failed: codeIn(said) };
      if (of === request && kind === FAIL) return { failed: codeIn(said) };
      if (of === request && kind === ANSWER) return { answer: said };
    }
  }
}

/** The code of an error that came. */
function codeIn(said: unknown): string {
  return /(MEANTIME_[A-Z_]+|ABORT_ERR)/.exec(Buffer.from(said as Uint8Array).toString('latin1'))?.[0] ?? 'an error without a code';
}

/** Every id that can be thought of by one who has another. */
function guesses(id: string, to: number): unknown[] {
  const [own, secret] = id.split('.');
  const others = Array.from({ length: to + 1 }, (_, n) => String(n)).filter((n) => n !== own);
  const short = [own, `${own}.`, `${own}.${'A'.repeat(22)}`, `.${secret}`, secret, '', '.', '__proto__', `${id} `, id.slice(0, -1)];
  return [...short, ...others.flatMap((n) => [n, `${n}.${secret}`])];
}

/**
 * Tries to open everything of a hub but what was given.
 *
 * @returns what was opened, and what the others were told.
 */
export async function openOthers(handle: unknown, to: number): Promise<{ opened: unknown[]; told: string[]; numbers: string }> {
  const where = whereOf(handle);
  const stranger = await Stranger.to(where);
  const opened: unknown[] = [];
  const told = new Set<string>();
  for (const id of guesses(where[2], to)) {
    const { refused } = await stranger.opens(id, undefined);
    if (refused === undefined) opened.push(id);
    else told.add(refused);
  }
  // A number is no id: such a message ends the connection.
  const other = await Stranger.to(where);
  const { refused } = await other.opens(1, undefined);
  return { opened, told: [...told], numbers: String(refused) };
}

export const SOURCE = { kind: 'source', source: '(class { constructor() { globalThis.ranHere = true; } })', name: 'Bad' };

/** With a handle of one managed object: what of the rest of its manager can be had. */
export async function tryTheManager(handle: unknown): Promise<{ own: unknown; got: string[]; told: string[] }> {
  const where = whereOf(handle);
  const { parts } = (handle as { [travels](): Parcel })[travels]() as { parts: [Where, string, string, string[], string] };
  const [, id] = parts;
  const stranger = await Stranger.to(where);
  const { channel } = await stranger.opens(where[2], undefined);
  const got: string[] = [];
  const told = new Set<string>();
  const attempt = async (what: string, body: unknown, at = channel) => {
    const result = await stranger.asks(at, body);
    if ('answer' in result) got.push(what);
    else told.add(result.failed);
  };
  await attempt('a call before the handle had arrived', [1, id, 'get', ['a']]);
  stranger.say([TELL, channel, 0, [0, id, randomUUID()]]);
  const own = await stranger.asks(channel, [1, id, 'get', ['a']]);
  for (const text of [SOURCE, { kind: 'export', url: 'node:vm', path: ['Script'], name: 'Script' }])
    await attempt('an object was made', [0, JSON.stringify(text), [['globalThis.ranHere = true']]]);
  await attempt('the objects were counted', [5]);
  for (const guess of guesses(id, 1000)) {
    // HOLD, TRAVELS and RELEASE of what it never got are not answered: what they do shows in the
    // others' handles.
    for (const what of [0, 2, 1]) stranger.say([TELL, channel, 0, [what, guess, randomUUID()]]);
  }
  for (const guess of guesses(id, 1000)) {
    await attempt('a call', [1, guess, 'get', ['a']]);
    await attempt('a property', [2, guess, 'label']);
    await attempt('a property was written', [3, guess, 'label', 'stolen']);
  }
  for (let n = 0; n <= 1000; n++) {
    await attempt('values of an iterator', [4, n, 10]);
    stranger.say([TELL, channel, 0, [3, n]]);
  }
  await attempt('the manager was ended', [6]);
  for (const secret of ['', '.', 0, null, id, id.split('.')[1], where[2], 'A'.repeat(22)]) {
    const more = await stranger.opens(where[2], secret);
    if (more.refused === undefined) got.push(`the manager was opened by ${String(secret)}`);
    else told.add(more.refused);
  }
  return { own, got, told: [...told] };
}

/**
 * With a manager that lives in the program: it may be used, and runs nothing there that is named
 * here.
 */
export async function tryToMake(manager: Manager): Promise<string[]> {
  const { parts } = (manager as unknown as { [travels](): Parcel })[travels]() as { parts: [Where, string] };
  const stranger = await Stranger.to(parts[0]);
  const { channel } = await stranger.opens(parts[0][2], parts[1]);
  const texts = [
    SOURCE,
    { kind: 'export', url: 'node:vm', path: ['Script'], name: 'Script' },
    { kind: 'export', url: 'data:text/javascript,globalThis.ranHere=true;export class A{}', path: ['A'], name: 'A' },
  ].map((ref) => JSON.stringify(ref));
  const told: string[] = [];
  for (const of of [...texts, '', 'null', 5, null, SOURCE, ['class A {}']]) {
    const result = await stranger.asks(channel, [0, of, [['globalThis.ranHere = true']]]);
    told.push('failed' in result ? result.failed : 'made');
  }
  return told;
}

/** Handles that were never given to anybody here, by what is known of one that was. */
export function forgeries(handle: unknown): unknown[] {
  const [path, key, id] = whereOf(handle);
  const [own, secret] = id.split('.');
  const settings: [kind: string, after: (where: unknown) => unknown][] = [
    ['ProcessLock', (where) => [where]],
    ['ProcessSemaphore', (where) => [where, 5]],
    ['ProcessQueue', (where) => [where, 5]],
    ['Connection', (where) => [...(where as unknown[]), 1]],
    ['Manager', (where) => [where, 'A'.repeat(22)]],
    ['Remote', (where) => [where, `1.${'A'.repeat(22)}`, 'Dict', ['get'], randomUUID()]],
  ];
  const forged: unknown[] = [];
  for (let n = 1; n <= 30; n++) {
    if (String(n) === own) continue;
    for (const [kind, parts] of settings) {
      forged.push(forgedHandle(`processes/${kind}`, parts([path, key, `${n}.${secret}`])));
    }
  }
  return forged;
}

// --- floods: what is sent is never answered to anybody who reads

/**
 * Says the same thing many times, in large frames, and reads nothing. Ends when all has been given
 * to the system, or it takes no more for a while.
 */
async function flood(stranger: Stranger, count: number, message: (i: number) => Message): Promise<void> {
  stranger.socket.pause();
  for (let at = 0; at < count; at += 1000) {
    const some: Message[] = [];
    for (let i = at; i < Math.min(count, at + 1000); i++) some.push(message(i));
    stranger.say(...some);
  }
}

async function quietly(handle: unknown, body?: unknown): Promise<Stranger> {
  const where = whereOf(handle);
  const stranger = await Stranger.to(where, false);
  stranger.say([OPEN, 1, where[2], body]);
  return stranger;
}

/** Asks for something of a managed object, many times. */
export async function floodCalls(handle: unknown, count: number, name: string): Promise<void> {
  const { parts } = (handle as { [travels](): Parcel })[travels]() as { parts: [Where, string] };
  const stranger = await quietly(handle);
  stranger.say([TELL, 1, 0, [0, parts[1], randomUUID()]]);
  await flood(stranger, count, (i) => [ASK, 1, i, name === 'label' ? [2, parts[1], name] : [1, parts[1], name, []]]);
}

/** Calls a method, many times, and reads what it is answered: the other side never waits for it. */
export async function floodAndRead(handle: unknown, count: number): Promise<void> {
  const [where, id] = partsOf(handle as object) as [Where, string];
  const stranger = await Stranger.to(where);
  stranger.say([OPEN, 1, where[2], undefined], [TELL, 1, 0, [0, id, randomUUID()]]);
  for (let at = 0; at < count; at += 1000) {
    stranger.say(...Array.from({ length: 1000 }, (_, i): Message => [ASK, 1, at + i, [1, id, 'label2', []]]));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await stranger.hears(1);
}

/** Iterates over what cannot travel, many times, and then over what can. @returns its first value. */
export async function iterateInVain(plenty: Remote<Plenty>, count: number): Promise<unknown> {
  for (let i = 0; i < count; i++) {
    try {
      for await (const _ of plenty.untold());
    } catch {
      // It says that a function cannot travel.
    }
  }
  for await (const value of plenty.endless()) return value;
  return undefined;
}

/** Asks a broker for something, many times. */
export async function floodAsks(handle: unknown, count: number, op: number, data: unknown, together = 1): Promise<void> {
  const stranger = await quietly(handle);
  await flood(stranger, count / together, (i) => [
    TELL,
    1,
    0,
    Array.from({ length: together }, (_, j) => [op, i * together + j + 1, 0, data]).flat(),
  ]);
}

/** Opens channels, to what is there or to what is not. */
export async function floodOpens(handle: unknown, count: number, isThere: boolean): Promise<void> {
  const where = whereOf(handle);
  const stranger = await Stranger.to(where, false);
  await flood(stranger, count, (i) => [OPEN, i + 1, isThere ? where[2] : '1.nothing', undefined]);
}

/**
 * The answers of the other side to more than it has room for, all of them read.
 *
 * @returns the codes, and how often each came.
 */
async function codes(stranger: Stranger, count: number): Promise<Record<string, number>> {
  const seen: Record<string, number> = {};
  for (const [kind, , , said] of await stranger.hears(count)) {
    const code = kind === ANSWER ? 'answered' : kind === TOLD ? 'told' : codeIn(said);
    seen[code] = (seen[code] ?? 0) + 1;
  }
  return seen;
}

export async function openMany(handle: unknown, count: number): Promise<Record<string, number>> {
  const where = whereOf(handle);
  const stranger = await Stranger.to(where);
  for (let at = 0; at < count; at += 1000)
    stranger.say(...Array.from({ length: 1000 }, (_, i): Message => [OPEN, at + i + 1, where[2], undefined]));
  stranger.say([ASK, 1, 1, undefined]);
  const seen: Record<string, number> = {};
  for (;;) {
    const [message] = await stranger.hears(1);
    if (message === undefined) return { ...seen, 'the connection has ended': 1 };
    if (message[0] !== CLOSED) return seen;
    const code = codeIn(message[3]);
    seen[code] = (seen[code] ?? 0) + 1;
  }
}

export async function iterateMany(handle: unknown, count: number): Promise<Record<string, number>> {
  const where = whereOf(handle);
  const { parts } = (handle as { [travels](): Parcel })[travels]() as { parts: [Where, string] };
  const stranger = await Stranger.to(where);
  stranger.say([OPEN, 1, where[2], undefined], [TELL, 1, 0, [0, parts[1], randomUUID()]]);
  for (let at = 0; at < count; at += 1000)
    stranger.say(...Array.from({ length: 1000 }, (_, i): Message => [ASK, 1, at + i, [1, parts[1], 'endless', []]]));
  return codes(stranger, count);
}

/** Calls that are not answered before it is told to. */
export async function callMany(handle: unknown, count: number): Promise<Record<string, number>> {
  const where = whereOf(handle);
  const { parts } = (handle as { [travels](): Parcel })[travels]() as { parts: [Where, string] };
  const stranger = await Stranger.to(where);
  stranger.say([OPEN, 1, where[2], undefined], [TELL, 1, 0, [0, parts[1], randomUUID()]]);
  for (let at = 0; at < count; at += 1000)
    stranger.say(...Array.from({ length: 1000 }, (_, i): Message => [ASK, 1, at + i, [1, parts[1], 'wait', []]]));
  return codes(stranger, count - 32_768);
}

export async function ticketMany(handle: unknown, count: number, what: number): Promise<string> {
  const where = whereOf(handle);
  const { parts } = (handle as { [travels](): Parcel })[travels]() as { parts: [Where, string] };
  const stranger = await Stranger.to(where);
  stranger.say([OPEN, 1, where[2], undefined], [TELL, 1, 0, [0, parts[1], randomUUID()]]);
  for (let at = 0; at < count; at += 1000)
    stranger.say(...Array.from({ length: 1000 }, (): Message => [TELL, 1, 0, [what, parts[1], randomUUID()]]));
  const [message] = await stranger.hears(1);
  return message?.[0] === CLOSED ? codeIn(message[3]) : String(message?.[0]);
}

/**
 * Puts items of a size, of which none is taken, until it is refused.
 *
 * @returns how many were not.
 */
export async function putMany(queue: ProcessQueue<unknown>, count: number, size: number): Promise<[accepted: number, code: string]> {
  const where = whereOf(queue);
  const stranger = await Stranger.to(where);
  stranger.say([OPEN, 1, where[2], undefined]);
  const item = Buffer.alloc(size);
  for (let i = 0; i < count; i++) {
    stranger.say([TELL, 1, 0, [0, i + 1, 0, item]]);
    if (stranger.socket.writableNeedDrain) await new Promise((resolve) => stranger.socket.once('drain', resolve));
  }
  for (let taken = 0; ; ) {
    const [message] = await stranger.hears(1);
    if (message === undefined) return [taken, 'the connection has ended'];
    const list = message[3] as unknown[];
    for (let i = 0; i < list.length; i += 3) {
      if (list[i] !== 2) taken++;
      else return [(list[i + 1] as number) - 1, codeIn(list[i + 2])];
    }
  }
}

/**
 * Waiters beyond what one process may have: the code of the first that is refused, and which it is.
 */
export async function askMany(handle: unknown, count: number, op: number): Promise<[at: number, code: string]> {
  const where = whereOf(handle);
  const stranger = await Stranger.to(where);
  stranger.say([OPEN, 1, where[2], undefined]);
  for (let at = 0; at < count; at += 1000)
    stranger.say([TELL, 1, 0, Array.from({ length: 1000 }, (_, i) => [op, at + i + 1, 0, 1]).flat()]);
  for (;;) {
    const [message] = await stranger.hears(1);
    if (message === undefined) return [-1, 'the connection has ended'];
    const list = message[3] as unknown[];
    for (let i = 0; i < list.length; i += 3) if (list[i] === 2) return [list[i + 1] as number, codeIn(list[i + 2])];
  }
}

/** Connections beyond what a hub takes: why the last of them is not served. */
export async function connectMany(handle: unknown, count: number): Promise<string> {
  const where = whereOf(handle);
  for (let i = 0; i < count; i += 50) await Promise.all(Array.from({ length: 50 }, () => Stranger.to(where)));
  const last = await Stranger.to(where);
  const [message] = await last.hears(1);
  return message === undefined ? 'nothing' : codeIn(message[3]);
}

/** Items that were never in the queue come back to it. */
export async function giveBack(queue: unknown, count: number): Promise<string> {
  const where = whereOf(queue);
  const stranger = await Stranger.to(where);
  stranger.say([OPEN, 1, where[2], undefined], [TELL, 1, 0, [-4, 0, 0, Array.from({ length: count }, (_, i) => i)]]);
  const [message] = await stranger.hears(1);
  return message?.[0] === CLOSED ? codeIn(message[3]) : String(message?.[0]);
}

/** Takes the lock and gives it back. */
export async function useLock(lock: { acquire(): PromiseLike<{ release(): void }> }): Promise<number> {
  (await lock.acquire()).release();
  return process.pid;
}

/** The value under a name. */
export async function getFrom(dict: { get(name: string): PromiseLike<unknown> }, name: string): Promise<unknown> {
  return dict.get(name);
}

/** An honest worker with much in hand. */
export async function haveMuch(lock: ProcessLock, plenty: Remote<Plenty>): Promise<Record<string, number>> {
  let waited = 0;
  await Promise.all(Array.from({ length: 10_000 }, () => lock.with(() => void waited++)));
  const iterators = await Promise.all(Array.from({ length: 1000 }, () => plenty.endless()));
  const values = await Promise.all(iterators.map((each) => each.next()));
  const calls = await Promise.all(Array.from({ length: 10_000 }, () => plenty.label2()));
  await Promise.all(iterators.map((each) => each.return?.()));
  return { waited, iterators: iterators.length, values: values.length, calls: calls.length };
}

/**
 * Sends more to the other end of a pipe than may wait there, and takes what never came.
 *
 * @returns what it is told.
 */
export async function overfill(end: unknown, what: 'data' | 'taken'): Promise<string> {
  const { parts, leaving } = (end as { [travels](): Parcel & { leaving: { leave(): void } } })[travels]();
  const [path, key, id, journey] = parts as [...Where, number];
  leaving.leave(); // this process has had it, and passes it on to the one below
  const stranger = await Stranger.to([path, key, id]);
  stranger.say([OPEN, 1, id, journey]);
  for (let i = 0; i < 20; i++) stranger.say(what === 'data' ? [TELL, 1, 0, Buffer.alloc(100_000)] : [TELL, 1, 1, 2]);
  for (;;) {
    const [message] = await stranger.hears(1);
    if (message === undefined) return 'the connection has ended';
    if (message[0] === CLOSED) return codeIn(message[3]);
  }
}
