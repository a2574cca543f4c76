import { NoMethodError, type Timer } from '../../core/index.js';
import { hasProperty, methodsOf } from './members.js';

/** An object that others hold handles of. */
export class Hosted {
  readonly #object: object;
  readonly className: string;
  readonly methods: readonly string[];
  readonly #allowed: ReadonlySet<string>;
  /** How many handles there are, anywhere. */
  handles = 0;
  /** It has been freed, whoever has handles. */
  isGone = false;
  /** Handles that have left and not arrived: by ticket, and when they are given up. */
  readonly travelling = new Map<string, Timer>();

  constructor(object: object) {
    this.#object = object;
    const name: unknown = object.constructor?.name;
    this.className = typeof name === 'string' && name !== '' ? name : 'Object';
    this.methods = methodsOf(object);
    this.#allowed = new Set(this.methods);
  }

  /** @throws {NoMethodError} unless it is one of its methods. */
  call(method: string, args: unknown[]): unknown {
    if (!this.#allowed.has(method)) throw noMethod(this.className, method, this.methods);
    return (this.#object as Record<string, (...args: unknown[]) => unknown>)[method](...args);
  }

  /** @throws {NoMethodError} unless it is one of its properties. */
  read(name: string): unknown {
    if (!hasProperty(this.#object, name, false)) throw this.#noProperty(name, 'read');
    return (this.#object as Record<string, unknown>)[name];
  }

  /** @throws {NoMethodError} unless it is one of its properties, and can be written. */
  write(name: string, value: unknown): void {
    if (!hasProperty(this.#object, name, true)) throw this.#noProperty(name, 'written');
    (this.#object as Record<string, unknown>)[name] = value;
  }

  /** Nobody has a handle any more: what the object has to do at its end is done. */
  async dispose(): Promise<void> {
    const own = this.#object as { [Symbol.asyncDispose]?(): PromiseLike<void>; [Symbol.dispose]?(): void };
    if (own[Symbol.asyncDispose] !== undefined) await own[Symbol.asyncDispose]?.();
    else own[Symbol.dispose]?.();
  }

  #noProperty(name: string, done: string): NoMethodError {
    return new NoMethodError(
      `The ${this.className} has no property "${name}" that can be ${done} from afar. Methods are called: ${this.methods.join(', ') || 'it has none'}`,
    );
  }
}

/** The error of a method that is not there: it says which are. */
export const noMethod = (className: string, name: string, methods: readonly string[]): NoMethodError =>
  new NoMethodError(
    `The ${className} has no method "${name}" that can be called from afar. It has ${methods.length === 0 ? 'none' : methods.join(', ')}; properties are read with Manager.read(object, name)`,
  );
