import {
  bare,
  ConnectionClosedError,
  environment,
  limit,
  list,
  OptionError,
  type OptionTable,
  outside,
  type Parcel,
  readOptions,
  text,
  travels,
} from '../../core/index.js';
import { cancellation, cancelWithCaller, type Future, FutureSource } from '../../futures/index.js';
import { referenceOfClass } from '../../wire/index.js';
import { failed } from '../broker/request.js';
import { pack } from '../connection/packed.js';
import type { ManagerOptions } from '../manager-process.js';
import { madeIn, packedIn } from './answers.js';
import { Host } from './host.js';
import { type Link, LocalLink } from './link.js';
import { Ask, MOST } from './messages.js';
import type { Remote } from './remote.js';
import { makeRemote, settled, targetOf } from './remote-object.js';

// biome-ignore lint/suspicious/noExplicitAny: any class at all
type Class<T = object> = new (...args: any[]) => T;

const table: OptionTable = { env: environment, cwd: text, execArgv: list, memoryLimit: limit, name: text };

/**
 * Objects that live in one process and are used from all. `Manager.start()` gives them a process of their own; `new Manager()` keeps them in this one. `create` makes an object of
 * any exported class and gives a handle of it, which can be passed to other processes and threads; a call of one of its methods runs where the object is.
 *
 * Calls on an object run as they would if all callers were in its process: one at a time, but for where a method awaits. An object that must not be entered meanwhile holds a `Lock`.
 *
 * Methods are what its class, and those that it extends, have on their prototypes; what starts with `_`, and what every object has, cannot be reached. Arguments and results are
 * copied, but for handles.
 *
 * Cancelling: see each method.
 *
 * @example
 * ```ts run
 * import { Manager } from 'meantime/processes';
 *
 * class Counter {
 *   n = 0;
 *   add(by: number) {
 *     this.n += by;
 *     return this.n;
 *   }
 * }
 * await using manager = new Manager(); // or, for exported classes, await Manager.start()
 * const counter = await manager.create(Counter);
 * await counter.add(2); // => 2
 * await counter.add(3); // => 5
 * await Manager.read(counter, 'n'); // => 5
 * ```
 */
export class Manager implements AsyncDisposable {
  #link: Link = new LocalLink(new Host());
  #end: (() => Promise<void>) | undefined = undefined;

  /** @internal */
  static over(link: Link): Manager {
    const manager = new Manager();
    manager.#link = link;
    return manager;
  }

  /**
   * Starts a process for objects. It ends with `shutdown()`, and with this process.
   *
   * Cancelling: the process is ended again.
   *
   * @param options `env`, `cwd`, `execArgv`, `memoryLimit` in bytes, and `name`, as of a `ProcessPoolExecutor`.
   * @throws {OptionError} for an unknown option; {WorkerStartError} or {WorkerLostError} if the process cannot start.
   */
  static start(options?: ManagerOptions): Future<Manager> {
    const source = new FutureSource<Manager>();
    const start = async (): Promise<void> => {
      const read = readOptions('Manager.start', options, table);
      const { startManager } = await outside(() => import('../manager-process.js'));
      const { manager, end } = await startManager(bare({ ...read }));
      manager.#end = end;
      if (!source.fulfil(manager)) await manager.shutdown();
    };
    start().catch((error: unknown) => source.reject(error));
    return cancelWithCaller(source.future);
  }

  /**
   * Makes an object of a class, in the process of this manager, and gives a handle of it.
   *
   * Cancelling: if the object has been made, it is freed.
   *
   * @param of A class that is exported from its module; for a manager in this thread, any class. A
   * manager that another program made with `new Manager()` takes no class from elsewhere.
   * @param args For its constructor.
   * @throws {NotPortableError} if the class cannot travel; {NotCloneableError} if an argument cannot; what the constructor throws; or {ConnectionClosedError} if the process is gone.
   */
  create<C extends Class>(of: C, ...args: ConstructorParameters<C>): Future<Remote<InstanceType<C>>> {
    const source = new FutureSource<Remote<InstanceType<C>>>();
    const link = this.#link;
    let answer: Future<unknown> | undefined;
    source.onCancel((reason) => {
      if (answer !== undefined) answer.cancel(reason);
      else source.reject(cancellation(reason));
    });
    const make = (body: unknown): object => {
      const { id, className, methods } = madeIn(body);
      return makeRemote(link, id, className, methods);
    };
    const create = async (): Promise<void> => {
      if (typeof of !== 'function' || of.prototype === undefined)
        throw new OptionError(`manager.create expects a class, got ${String(of)}`);
      const { packed, leaving } = pack(`An argument of ${of.name}`, args, MOST);
      // In this very thread the class is at hand, exported or not.
      const made = link instanceof LocalLink ? of : JSON.stringify(await referenceOfClass(of));
      if (source.future.settled) return;
      const late = (body: unknown) => (make(body) as Disposable)[Symbol.dispose]();
      answer = link.ask([Ask.CREATE, made, packed], bare({ doing: 'manager.create', late, leaving }));
      source.fulfil(make(await answer) as Remote<InstanceType<C>>);
    };
    create().catch((error: unknown) => source.reject(error));
    return cancelWithCaller(source.future);
  }

  /** How many objects there are. Cancelling: nothing is changed by it. */
  objects(): Future<number> {
    return this.#link.ask([Ask.OBJECTS], bare({ doing: 'manager.objects' })) as Future<number>;
  }

  /**
   * Reads a property of an object: one that it has of its own, or a getter of its class.
   *
   * Cancelling: nothing is changed by it.
   *
   * @throws {NoMethodError} code `MEANTIME_NO_METHOD`, if there is none that can be read from afar.
   */
  static read(object: Disposable, name: string): Future<unknown> {
    try {
      const { link, id, className } = targetOf(object);
      return settled(link.ask([Ask.READ, id, name], bare({ doing: `Manager.read of ${className}.${name}` })), packedIn);
    } catch (error) {
      return failed(error);
    }
  }

  /**
   * Writes a property of an object: one that it has of its own, or a setter of its class.
   *
   * Cancelling: it may be written all the same.
   *
   * @throws {NoMethodError} code `MEANTIME_NO_METHOD`, if there is none that can be written from afar.
   */
  static write(object: Disposable, name: string, value: unknown): Future<void> {
    try {
      const { link, id, className } = targetOf(object);
      const { packed, leaving } = pack(`The property ${name} of the ${className}`, value, MOST);
      return link.ask([Ask.WRITE, id, name, packed], bare({ doing: `Manager.write of ${className}.${name}`, leaving })) as Future<void>;
    } catch (error) {
      return failed(error);
    }
  }

  /**
   * Ends it: all objects are disposed of (`Symbol.asyncDispose` or `Symbol.dispose`, if they have it), whoever has handles of them, and then the process if it was started by this one. Where the manager
   * was only passed to, this lets go of it.
   */
  async shutdown(): Promise<void> {
    const isOwner = this.#end !== undefined || this.#link instanceof LocalLink;
    if (isOwner && this.#link.error === undefined)
      await this.#link.ask([Ask.SHUTDOWN], bare({ doing: 'manager.shutdown' })).catch(ignoreGone);
    if (this.#end !== undefined) {
      await this.#end();
      this.#link.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  /**
   * It arrives in other processes and threads as itself.
   *
   * @internal
   */
  [travels](): Parcel {
    return { kind: 'processes/Manager', parts: [this.#link.where(), this.#link.secret] };
  }
}

/** Its process is gone: there is nothing left to dispose of. */
function ignoreGone(error: unknown): void {
  if (!(error instanceof ConnectionClosedError)) throw error;
}
