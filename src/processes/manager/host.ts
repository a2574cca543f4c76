import {
  bare,
  ConnectionClosedError,
  inShort,
  LazySignal,
  letLeave,
  messageOf,
  NotPortableError,
  runAs,
  type Timer,
  WireError,
  warningOf,
} from '../../core/index.js';
import { loadFunction, refIn } from '../../wire/index.js';
import { NotLoaded, type Parcelled, pack, unpack } from '../connection/packed.js';
import { freshSecret, Ids, isSecret } from '../hub/ids.js';
import { nowhere } from '../hub/messages.js';
import type { Answer, Service } from '../hub/service.js';
import { argumentsIn, checkedTicket, count, type Holder, Holdings, held, memberIn, mustBeManager, underWay } from './holdings.js';
import { Hosted } from './hosted.js';
import { Ask, Gave, MOST, Tell } from './messages.js';
import { isIterator, Stream } from './streams.js';

/** With so many bytes an answer of an iterator's values is large enough. */
const LARGE = 2 ** 20;

type Made = (...args: unknown[]) => unknown;

/** The objects of one manager: who has handles of them, and calls on them. See README.md for the rules. */
export class Host implements Service {
  /** In the parcel of the manager: with it objects are made, counted and ended. */
  readonly secret = freshSecret();
  readonly #loads: boolean;
  readonly #objects = new Ids<Hosted>();
  /** Tickets of handles that arrived before it was told that they had left. */
  readonly #arrived = new Map<string, Timer>();
  readonly #disposals = new Set<Promise<void>>();
  #lastStream = 0;

  /**
   * @param loads Whether it loads the classes that others name, which is to run their code: in a
   * process that is there for it, and in no other.
   */
  constructor({ loads = false }: { loads?: boolean } = bare({})) {
    this.#loads = loads;
  }

  get size(): number {
    return this.#objects.size;
  }

  opened(holder: Holder, secret: unknown): void {
    if (secret !== undefined && !isSecret(secret, this.secret)) throw nowhere();
    holder.state = new Holdings(secret !== undefined, holder.connection?.account);
  }

  asked(holder: Holder, body: unknown, answer: Answer): void {
    if (!Array.isArray(body)) throw new WireError('A host of objects was asked what is no list');
    const context = new LazySignal();
    answer.onCancel = () => context.abort(new ConnectionClosedError('Whoever called no longer waits for the answer'));
    this.#answer(holder, body as unknown[], answer, context).catch((error: unknown) => answer.fail(error));
  }

  told(holder: Holder, body: unknown): void {
    if (!Array.isArray(body)) throw new WireError('A host of objects was told what is no list');
    const [what, id, ticket] = body as unknown[];
    const holdings = holder.state as Holdings;
    switch (what) {
      case Tell.HOLD:
        this.#hold(holdings, id, checkedTicket(ticket));
        return;
      case Tell.RELEASE:
        this.#release(holdings, id as string, 1);
        return;
      case Tell.TRAVELS:
        this.#travels(holdings, id as string, checkedTicket(ticket));
        return;
      case Tell.RETURN:
        this.#close(holdings, id as number);
        return;
      default:
        throw new WireError(`A host of objects was told ${inShort(what)}, which means nothing`);
    }
  }

  closed(holder: Holder): void {
    const holdings = holder.state as Holdings;
    for (const id of [...holdings.streams.keys()]) this.#close(holdings, id);
    for (const [id, { count }] of [...holdings.handles]) this.#release(holdings, id, count);
  }

  async #answer(holder: Holder, body: unknown[], answer: Answer, context: LazySignal): Promise<void> {
    const holdings = holder.state as Holdings;
    switch (body[0]) {
      case Ask.CREATE: {
        mustBeManager(holdings, 'make objects');
        const hosted = await this.#create(body[1], body[2], context);
        if (answer.over) return void (await hosted.dispose()); // cancelled, or gone, meanwhile
        const id = this.#objects.add(hosted);
        count(holdings, hosted, id);
        answer.ok([id, hosted.className, JSON.stringify(hosted.methods)]);
        return;
      }
      case Ask.CALL: {
        const hosted = held(holdings, body[1]);
        const name = memberIn(body);
        const args = argumentsIn(await unpacked(body[3]));
        const value = await runAs(context, () => hosted.call(name, args), []);
        if (isIterator(value)) this.#stream(holdings, new Stream(value), answer);
        else give(answer, `The result of ${hosted.className}.${name}`, value);
        return;
      }
      case Ask.READ: {
        const hosted = held(holdings, body[1]);
        const name = memberIn(body);
        give(answer, `The property ${name} of the ${hosted.className}`, await hosted.read(name));
        return;
      }
      case Ask.WRITE:
        held(holdings, body[1]).write(memberIn(body), await unpacked(body[3]));
        answer.ok();
        return;
      case Ask.NEXT: {
        const id = body[1] as number;
        const stream = holdings.streams.get(id);
        if (stream === undefined) throw new ConnectionClosedError('This iterator was closed');
        const dropIfOver = () => {
          if (stream.isOver) holdings.drop(id);
        };
        await runAs(context, () => stream.pull(body[2] as number), []).finally(dropIfOver);
        answer.whenRoom(() => {
          try {
            this.#giveNext(answer, stream);
          } finally {
            dropIfOver();
          }
        });
        return;
      }
      case Ask.OBJECTS:
        mustBeManager(holdings, 'count objects');
        answer.ok(this.#objects.size);
        return;
      case Ask.SHUTDOWN:
        mustBeManager(holdings, 'end a manager');
        await this.shutdown();
        answer.ok();
        return;
      default:
        throw new WireError(`A host of objects was asked ${inShort(body[0])}, which means nothing`);
    }
  }

  /** Disposes of all objects, whoever has handles of them. */
  async shutdown(): Promise<void> {
    for (const { id, thing } of [...this.#objects]) this.#free(id, thing);
    await Promise.all(this.#disposals);
  }

  async #create(of: unknown, packedArgs: unknown, context: LazySignal): Promise<Hosted> {
    const [made, args] = await Promise.all([this.#classOf(of), unpacked(packedArgs)]);
    const object: unknown = runAs(context, () => Reflect.construct(made, argumentsIn(args)), []);
    return new Hosted(object as object);
  }

  /** A class itself can only have come from this very thread. */
  #classOf(of: unknown): Made | Promise<Made> {
    if (typeof of === 'function') return of as Made;
    if (typeof of !== 'string') throw new WireError(`A host of objects was asked to make one of a ${typeof of}`);
    if (this.#loads) return loadFunction(refIn(of));
    throw new NotPortableError(
      'manager.create: this manager lives in the program that made it, which runs no code that others name. ' +
        'Make the object there and pass its handle, or pass a manager with a process of its own, from Manager.start()',
    );
  }

  #stream(holdings: Holdings, stream: Stream, answer: Answer): void {
    if (answer.over) {
      this.#settle(stream.close());
      return;
    }
    const id = ++this.#lastStream;
    try {
      holdings.keep(id, stream);
    } catch (error) {
      this.#settle(stream.close());
      throw error;
    }
    answer.ok([Gave.STREAM, id]);
  }

  /** Answers with what was pulled, as far as it is not too much for one answer. */
  #giveNext(answer: Answer, stream: Stream): void {
    const parcels: Parcelled[] = [];
    let size = 0;
    while (size < LARGE && stream.hasMore) {
      try {
        const parcel = pack('What an iterator gave', stream.take(), MOST);
        parcels.push(parcel);
        size += parcel.size;
      } catch (error) {
        // It cannot go on, and the values before this one go first.
        this.#settle(stream.close(parcels.length > 0 ? { error } : undefined));
        if (parcels.length === 0) throw error;
      }
    }
    answer.ok([stream.isOver, ...parcels.map(({ packed }) => packed)], size);
    for (const { leaving } of parcels) letLeave(leaving);
  }

  #close(holdings: Holdings, id: number): void {
    const stream = holdings.streams.get(id);
    holdings.drop(id);
    if (stream !== undefined) this.#settle(stream.close());
  }

  /** A handle that arrived after its object had gone is no handle: what is asked of it says so. */
  #hold(holdings: Holdings, id: unknown, ticket: string): void {
    const hosted = this.#objects.get(id);
    if (hosted === undefined) return;
    count(holdings, hosted, id as string);
    const travelling = hosted.travelling.get(ticket);
    if (travelling !== undefined) {
      travelling.cancel();
      hosted.travelling.delete(ticket);
    } else if (!this.#arrived.has(ticket)) {
      // It was faster than the word of its leaving, or this is the second that it made.
      this.#arrived.set(
        ticket,
        underWay(holdings, () => this.#arrived.delete(ticket)),
      );
    }
  }

  #travels(holdings: Holdings, id: string, ticket: string): void {
    const hosted = holdings.handles.get(id)?.hosted;
    if (hosted === undefined || hosted.travelling.has(ticket) || this.#objects.get(id) === undefined) return;
    const arrived = this.#arrived.get(ticket);
    if (arrived !== undefined) {
      arrived.cancel();
      this.#arrived.delete(ticket);
      return;
    }
    const giveUp = () => {
      hosted.travelling.delete(ticket);
      this.#look(id, hosted);
    };
    hosted.travelling.set(ticket, underWay(holdings, giveUp));
  }

  #release(holdings: Holdings, id: string, count: number): void {
    const handle = holdings.handles.get(id);
    if (handle === undefined || handle.count < count) return;
    handle.count -= count;
    if (handle.count === 0) holdings.handles.delete(id);
    handle.hosted.handles -= count;
    this.#look(id, handle.hosted);
  }

  #look(id: string, hosted: Hosted): void {
    // It may have been freed before its handles.
    if (hosted.handles === 0 && hosted.travelling.size === 0 && this.#objects.get(id) === hosted) this.#free(id, hosted);
  }

  #free(id: string, hosted: Hosted): void {
    this.#objects.delete(id);
    hosted.isGone = true;
    for (const { cancel } of hosted.travelling.values()) cancel();
    hosted.travelling.clear();
    this.#settle(hosted.dispose());
  }

  /** What goes wrong in it nobody waits for. */
  #settle(disposal: Promise<void>): void {
    const settled = disposal
      .catch((error: unknown) =>
        process.emitWarning(warningOf('Warning', undefined, `An object could not be disposed of: ${messageOf(error)}`, error)),
      )
      .finally(() => this.#disposals.delete(settled));
    this.#disposals.add(settled);
  }
}

/** Answers with a value of the user's. The things in it leave if somebody still waits for it. */
function give(answer: Answer, what: string, value: unknown): void {
  answer.whenRoom(() => {
    const { packed, leaving, size } = pack(what, value, MOST);
    answer.ok([Gave.VALUE, packed], size);
    letLeave(leaving);
  });
}

async function unpacked(packed: unknown): Promise<unknown> {
  const value = unpack(packed);
  if (!(value instanceof NotLoaded)) return value;
  await value.load;
  return unpack(packed);
}
