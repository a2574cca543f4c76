import { ConnectionClosedError, clock, LazySignal, letLeave, runAs, WireError } from '../../core/index.js';
import { type FunctionRef, loadFunction } from '../../wire/index.js';
import { NotLoaded, pack, unpack } from '../connection/packed.js';
import type { Answer, Service } from '../hub/service.js';
import { Hosted } from './hosted.js';
import { Ask, Gave, MOST, Tell } from './messages.js';
import { isIterator, Stream } from './streams.js';

/** How long a handle may be under way, in ms, until it is given up: whoever sent it may have died, or never have sent it. */
const UNDER_WAY = 60_000;

type Made = (...args: unknown[]) => unknown;

/** What one process or thread has of the objects here. */
export interface Holder {
  state: unknown;
}

/** What belongs to a holder: how many handles of which object, and which iterators. */
class Holdings {
  readonly handles = new Map<number, number>();
  readonly streams = new Map<number, Stream>();
}

/** The objects of one manager: who has handles of them, and calls on them. See README.md for the rules. */
export class Host implements Service {
  readonly #objects = new Map<number, Hosted>();
  /** Tickets of handles that arrived before it was told that they had left. */
  readonly #arrived = new Map<string, { cancel(): void }>();
  readonly #disposals = new Set<Promise<void>>();
  #lastObject = 0;
  #lastStream = 0;

  get size(): number {
    return this.#objects.size;
  }

  opened(holder: Holder): void {
    holder.state = new Holdings();
  }

  asked(holder: Holder, body: unknown, answer: Answer): void {
    const context = new LazySignal();
    answer.onCancel = () => context.abort(new ConnectionClosedError('Whoever called no longer waits for the answer'));
    this.#answer(holder, body as unknown[], answer, context).catch((error: unknown) => answer.fail(error));
  }

  told(holder: Holder, body: unknown): void {
    const [what, id, ticket] = body as [number, number, string];
    const holdings = holder.state as Holdings;
    switch (what) {
      case Tell.HOLD:
        this.#hold(holdings, id, ticket);
        return;
      case Tell.RELEASE:
        this.#release(holdings, id, 1);
        return;
      case Tell.TRAVELS:
        this.#travels(id, ticket);
        return;
      case Tell.RETURN:
        this.#close(holdings, id);
        return;
      default:
        throw new WireError(`A host of objects was told ${String(what)}, which means nothing`);
    }
  }

  closed(holder: Holder): void {
    const holdings = holder.state as Holdings;
    for (const id of [...holdings.streams.keys()]) this.#close(holdings, id);
    for (const [id, count] of [...holdings.handles]) this.#release(holdings, id, count);
  }

  async #answer(holder: Holder, body: unknown[], answer: Answer, context: LazySignal): Promise<void> {
    const holdings = holder.state as Holdings;
    switch (body[0]) {
      case Ask.CREATE: {
        const hosted = await this.#create(body[1] as string | Made, body[2], context);
        const id = ++this.#lastObject;
        if (answer.over) return void (await hosted.dispose()); // cancelled, or gone, meanwhile
        this.#objects.set(id, hosted);
        this.#count(holdings, hosted, id);
        answer.ok([id, hosted.className, JSON.stringify(hosted.methods)]);
        return;
      }
      case Ask.CALL: {
        const hosted = this.#object(body[1] as number);
        const args = (await unpacked(body[3])) as unknown[];
        const value = await runAs(context, () => hosted.call(body[2] as string, args), []);
        if (answer.over && !isIterator(value)) return;
        if (isIterator(value)) this.#stream(holdings, new Stream(value), answer);
        else give(answer, [Gave.VALUE], `The result of ${hosted.className}.${body[2]}`, [value]);
        return;
      }
      case Ask.READ: {
        const hosted = this.#object(body[1] as number);
        const value = await hosted.read(body[2] as string);
        give(answer, [Gave.VALUE], `The property ${body[2]} of the ${hosted.className}`, [value]);
        return;
      }
      case Ask.WRITE:
        this.#object(body[1] as number).write(body[2] as string, await unpacked(body[3]));
        answer.ok();
        return;
      case Ask.NEXT: {
        const stream = holdings.streams.get(body[1] as number);
        if (stream === undefined) throw new ConnectionClosedError('This iterator was closed');
        const next = async () => {
          const { done, values } = await stream.next(body[2] as number);
          give(answer, [done], 'What an iterator gave', values);
        };
        await runAs(context, next, []).finally(() => stream.isOver && holdings.streams.delete(body[1] as number));
        return;
      }
      case Ask.OBJECTS:
        answer.ok(this.#objects.size);
        return;
      case Ask.SHUTDOWN:
        await this.shutdown();
        answer.ok();
        return;
      default:
        throw new WireError(`A host of objects was asked ${String(body[0])}, which means nothing`);
    }
  }

  /** Disposes of all objects, whoever has handles of them. */
  async shutdown(): Promise<void> {
    for (const [id, hosted] of [...this.#objects]) this.#free(id, hosted);
    await Promise.all(this.#disposals);
  }

  async #create(of: string | Made, packedArgs: unknown, context: LazySignal): Promise<Hosted> {
    const load = typeof of === 'string' ? loadFunction(JSON.parse(of) as FunctionRef) : of;
    const [made, args] = await Promise.all([load, unpacked(packedArgs)]);
    const object: unknown = runAs(context, () => Reflect.construct(made, args as unknown[]), []);
    return new Hosted(object as object);
  }

  #object(id: number): Hosted {
    const hosted = this.#objects.get(id);
    if (hosted === undefined)
      throw new ConnectionClosedError('This object is gone: its last handle was released, or its manager was shut down');
    return hosted;
  }

  #stream(holdings: Holdings, stream: Stream, answer: Answer): void {
    if (answer.over) {
      this.#settle(stream.close());
      return;
    }
    const id = ++this.#lastStream;
    holdings.streams.set(id, stream);
    answer.ok([Gave.STREAM, id]);
  }

  #close(holdings: Holdings, id: number): void {
    const stream = holdings.streams.get(id);
    holdings.streams.delete(id);
    if (stream !== undefined) this.#settle(stream.close());
  }

  #count(holdings: Holdings, hosted: Hosted, id: number): void {
    hosted.handles++;
    holdings.handles.set(id, (holdings.handles.get(id) ?? 0) + 1);
  }

  /** A handle that arrived after its object had gone is no handle: what is asked of it says so. */
  #hold(holdings: Holdings, id: number, ticket: string): void {
    const hosted = this.#objects.get(id);
    if (hosted === undefined) return;
    this.#count(holdings, hosted, id);
    const travelling = hosted.travelling.get(ticket);
    if (travelling !== undefined) {
      travelling.cancel();
      hosted.travelling.delete(ticket);
    } else if (!this.#arrived.has(ticket)) {
      // It was faster than the word of its leaving, or this is the second that it made.
      this.#arrived.set(
        ticket,
        clock.after(UNDER_WAY, () => this.#arrived.delete(ticket), true),
      );
    }
  }

  #travels(id: number, ticket: string): void {
    const hosted = this.#objects.get(id);
    if (hosted === undefined || hosted.travelling.has(ticket)) return;
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
    hosted.travelling.set(ticket, clock.after(UNDER_WAY, giveUp, true));
  }

  #release(holdings: Holdings, id: number, count: number): void {
    const held = holdings.handles.get(id);
    const hosted = this.#objects.get(id);
    if (held === undefined || held < count || hosted === undefined) return; // the object was gone before its handles
    if (held === count) holdings.handles.delete(id);
    else holdings.handles.set(id, held - count);
    hosted.handles -= count;
    this.#look(id, hosted);
  }

  #look(id: number, hosted: Hosted): void {
    if (hosted.handles === 0 && hosted.travelling.size === 0 && this.#objects.get(id) === hosted) this.#free(id, hosted);
  }

  #free(id: number, hosted: Hosted): void {
    this.#objects.delete(id);
    for (const { cancel } of hosted.travelling.values()) cancel();
    hosted.travelling.clear();
    this.#settle(hosted.dispose());
  }

  /** What goes wrong in it nobody waits for. */
  #settle(disposal: Promise<void>): void {
    const settled = disposal
      .catch((error: unknown) => process.emitWarning(error instanceof Error ? error : new Error(String(error))))
      .finally(() => this.#disposals.delete(settled));
    this.#disposals.add(settled);
  }
}

/** Answers with values of the user's. The things in them leave if somebody still waits for them. */
function give(answer: Answer, head: readonly unknown[], what: string, values: readonly unknown[]): void {
  const parcels = values.map((value) => pack(what, value, MOST));
  const isWanted = !answer.over;
  answer.ok([...head, ...parcels.map(({ packed }) => packed)]);
  if (isWanted) for (const { leaving } of parcels) letLeave(leaving);
}

async function unpacked(packed: unknown): Promise<unknown> {
  const value = unpack(packed);
  if (!(value instanceof NotLoaded)) return value;
  await value.load;
  return unpack(packed);
}
