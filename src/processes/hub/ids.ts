import { type PartsCheck, textOf } from '../../core/index.js';

/** Bytes of chance in a secret. */
const BYTES = 16;

/** The checks of a secret and of an id, as parts of a handle. */
export const secretOf = (what: string): PartsCheck => textOf(`the secret of ${what}`, /^[A-Za-z0-9_-]{22}$/, 22);
export const idOf = (what: string): PartsCheck => textOf(`the id of ${what}`, /^\d{1,16}\.[A-Za-z0-9_-]{22}$/, 40);

/** Text that nobody can guess, to be a part of a handle. */
export const freshSecret = (): string => process.getBuiltinModule('node:crypto').randomBytes(BYTES).toString('base64url');

/** Whether that is the secret. The time that the answer takes tells nothing of it. */
export function isSecret(given: unknown, secret: string): boolean {
  if (typeof given !== 'string' || given.length !== secret.length) return false;
  const [a, b] = [Buffer.from(given), Buffer.from(secret)];
  return a.length === b.length && process.getBuiltinModule('node:crypto').timingSafeEqual(a, b);
}

/**
 * Things by ids that nobody can guess: each is a number, by which the thing is found, and a secret.
 */
export class Ids<T> {
  readonly #things = new Map<string, { readonly thing: T; readonly id: string }>();
  #last = 0;

  get size(): number {
    return this.#things.size;
  }

  /** @returns its id. */
  add(thing: T): string {
    const number = String(++this.#last);
    const id = `${number}.${freshSecret()}`;
    this.#things.set(number, { thing, id });
    return id;
  }

  /**
   * `undefined` for what is gone and for a guess alike.
   *
   * @param id Whatever a peer says that it is.
   */
  get(id: unknown): T | undefined {
    if (typeof id !== 'string') return undefined;
    const found = this.#things.get(numberOf(id));
    return found !== undefined && isSecret(id, found.id) ? found.thing : undefined;
  }

  delete(id: string): void {
    if (this.get(id) !== undefined) this.#things.delete(numberOf(id));
  }

  *[Symbol.iterator](): Generator<{ readonly thing: T; readonly id: string }, void, undefined> {
    yield* this.#things.values();
  }
}

const numberOf = (id: string): string => id.slice(0, Math.max(0, id.indexOf('.')));
