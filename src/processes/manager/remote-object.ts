import { bare, ConnectionClosedError, clock, has, OptionError, type Parcel, travels } from '../../core/index.js';
import { cancelWithCaller, type Future, FutureSource, joinStacks, originAbove } from '../../futures/index.js';
import { failed } from '../broker/request.js';
import { NotLoaded, type Parcelled, pack, unpack } from '../connection/packed.js';
import { gaveIn } from './answers.js';
import { noMethod } from './hosted.js';
import type { Link } from './link.js';
import { Ask, MOST, Tell } from './messages.js';
import { RemoteIterator } from './remote-iterator.js';

/** What a handle stands for. */
interface Target {
  readonly link: Link;
  readonly id: string;
  readonly className: string;
  readonly methods: readonly string[];
  isReleased: boolean;
  /** How it arrived, if its host has not been told yet that it did. */
  ticket: string | undefined;
}

/**
 * A handle that arrives connects to nobody: its host counts it as under way, for a minute. One that
 * is still there after this long, in ms, is told of all the same.
 */
const UNTOLD = 20_000;

const targets = new WeakMap<object, Target>();
/** A handle that nobody has any more is one less. */
const collected = new FinalizationRegistry<Target>(release);

function release(target: Target): void {
  if (target.isReleased) return;
  target.isReleased = true;
  // One that nobody ever used is given up by its host, after a minute: that is not worth a
  // connection.
  if (target.ticket !== undefined && !target.link.connected) return;
  tellArrived(target);
  target.link.tell([Tell.RELEASE, target.id]);
}

function tellArrived(target: Target): void {
  const { link, id, ticket } = target;
  if (ticket === undefined) return;
  target.ticket = undefined;
  link.tell([Tell.HOLD, id, ticket]);
}

/** Names that are asked of any object by somebody who only wants to know what it is. */
const asked = new Set([
  'then',
  'catch',
  'finally',
  'next',
  'return',
  'pipe',
  'on',
  'length',
  'message',
  'stack',
  'toJSON',
  'inspect',
  'nodeType',
  'tagName',
  'asymmetricMatch',
  '$$typeof',
]);

/** What is under the methods of every handle: what is not there is an error that says what is. */
const nothing = new Proxy(
  Object.create(null),
  bare({
    get(_, name, handle) {
      if (typeof name === 'symbol' || asked.has(name)) return undefined;
      if (Object.hasOwn(Object.prototype, name)) return Reflect.get(Object.prototype, name, handle);
      const target = targets.get(handle as object);
      if (target === undefined) return undefined;
      throw noMethod(target.className, name, target.methods);
    },
  }),
);

/** What all handles of managed objects are. */
abstract class RemoteObject implements Disposable {
  /** Another handle arrives over there, and is counted. */
  [travels](): Parcel {
    const target = targetOf(this);
    // Not to be guessed: whoever has a handle too could clear it before this one has arrived.
    const ticket = process.getBuiltinModule('node:crypto').randomUUID();
    target.link.tell([Tell.TRAVELS, target.id, ticket]);
    return { kind: 'processes/Remote', parts: [target.link.where(), target.id, target.className, target.methods, ticket] };
  }

  [Symbol.dispose](): void {
    const target = targets.get(this);
    if (target === undefined) return;
    collected.unregister(this);
    release(target);
  }

  get [Symbol.toStringTag](): string {
    return `Remote<${targets.get(this)?.className}>`;
  }
}
Object.setPrototypeOf(RemoteObject.prototype, nothing);

/** One prototype for all handles with the same methods. */
const prototypes = new Map<string, object>();
const mostPrototypes = 1000;

function prototypeOf(className: string, methods: readonly string[]): object {
  const key = JSON.stringify([className, methods]);
  let prototype = prototypes.get(key);
  if (prototype === undefined) {
    prototype = Object.create(RemoteObject.prototype) as object;
    for (const name of methods) {
      const method = function (this: object, ...args: unknown[]) {
        return call(this, name, args, method);
      };
      Object.defineProperty(method, 'name', bare({ value: name }));
      Object.defineProperty(prototype, name, bare({ value: method, enumerable: false }));
    }
    if (prototypes.size >= mostPrototypes) prototypes.delete(prototypes.keys().next().value as string);
    prototypes.set(key, prototype);
  }
  return prototype;
}

/** A handle. It is counted already if it was just made, else this does it, with the ticket that it came with. */
export function makeRemote(link: Link, id: string, className: string, methods: readonly string[], ticket?: string): object {
  const handle = Object.create(prototypeOf(className, methods)) as object;
  const target: Target = { link, id, className, methods, isReleased: false, ticket };
  targets.set(handle, target);
  collected.register(handle, target, handle);
  if (link.connected) tellArrived(target);
  else if (ticket !== undefined) {
    const weak = new WeakRef(handle);
    clock.after(UNTOLD, () => weak.deref() !== undefined && !target.isReleased && tellArrived(target), true);
  }
  return handle;
}

/** @throws {OptionError} unless it is a handle; or {ConnectionClosedError} if it was released. */
export function targetOf(handle: unknown): Target {
  const target = typeof handle === 'object' && handle !== null ? targets.get(handle) : undefined;
  if (target === undefined) throw new OptionError('Expected a handle of a managed object, got something else');
  if (target.isReleased) throw new ConnectionClosedError(`This handle of a ${target.className} was released`);
  tellArrived(target);
  return target;
}

/** Calls a method, and makes of its answer a future that can be iterated over as well. */
function call(handle: object, name: string, args: unknown[], below: (...args: never[]) => unknown): Future<unknown> {
  let target: Target;
  let message: Parcelled;
  try {
    target = targetOf(handle);
    message = pack(`An argument of ${target.className}.${name}`, args, MOST);
  } catch (error) {
    return iterable(failed(error));
  }
  const { link, id, className } = target;
  const late = (body: unknown) => {
    const gave = gaveIn(body);
    if (has(gave, 'stream')) link.tell([Tell.RETURN, gave.stream]);
  };
  const origin = originAbove(below);
  // All options there are, so none is inherited: cheaper, for each call, than an object without a
  // prototype.
  const options = { doing: `${className}.${name}`, late, leaving: message.leaving, size: undefined, timeout: undefined, signal: undefined };
  const answer = link.ask([Ask.CALL, id, name, message.packed], options);
  return iterable(
    settled(
      answer,
      (body) => {
        const gave = gaveIn(body);
        return has(gave, 'stream') ? new RemoteIterator(link, gave.stream, handle) : gave.packed; // the closure keeps the handle until then, and with it the object;
      },
      origin,
    ),
  );
}

/**
 * The future of what an answer holds: a packed value or, if `read` makes one of it, something else.
 *
 * @param origin Where it was asked: for the stack of an error that came from there.
 */
export function settled<T>(answer: Future<unknown>, read: (body: unknown) => unknown, origin?: { stack?: string }): Future<T> {
  const source = new FutureSource<T>();
  source.onCancel((reason) => answer.cancel(reason));
  answer.then(
    (body) => {
      try {
        const made = read(body);
        if (made instanceof RemoteIterator) source.fulfil(made as T);
        else unpackInto(source, made);
      } catch (error) {
        source.reject(error); // it is no answer
      }
    },
    (error: unknown) => {
      if (origin !== undefined && !(error instanceof ConnectionClosedError)) joinStacks(error, origin);
      source.reject(error);
    },
  );
  return cancelWithCaller(source.future);
}

function unpackInto<T>(source: FutureSource<T>, packed: unknown): void {
  try {
    const value = unpack(packed);
    if (value instanceof NotLoaded) {
      const again = () => unpackInto(source, packed);
      value.load.then(again, (error: unknown) => source.reject(error));
    } else source.fulfil(value as T);
  } catch (error) {
    source.reject(error);
  }
}

/** `for await` of a call, where what it gives is iterated over. */
function iterable(future: Future<unknown>): Future<unknown> {
  return Object.defineProperty(future, Symbol.asyncIterator, iterated);
}

const iterated = bare({
  value(this: Future<unknown>): AsyncGenerator<unknown, void, undefined> {
    return items(this);
  },
});

async function* items(future: Future<unknown>): AsyncGenerator<unknown, void, undefined> {
  const value = await future;
  if (typeof value !== 'object' || value === null || !(Symbol.asyncIterator in value || Symbol.iterator in value))
    throw new OptionError(`for await expects a call that gives something to iterate over, got ${String(value)}`);
  yield* value as AsyncIterable<unknown>;
}
