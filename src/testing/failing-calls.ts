/*
 * Calls that throw, each in another way: what an error keeps on its way back.
 */

/** An error class of the user's own. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly code = 'E_HTTP';
  readonly status: number;
  readonly headers: Map<string, string>;

  constructor(status: number, options?: ErrorOptions) {
    super(`the server answered ${status}`, options);
    this.status = status;
    this.headers = new Map([['retry-after', '5']]);
  }
}

export function failRange(): never {
  throw new RangeError('out of range');
}

export async function failLater(): Promise<never> {
  await null;
  throw new TypeError('wrong type, later');
}

export function failCustom(): never {
  throw new HttpError(503, { cause: new Error('the socket broke', { cause: new SyntaxError('at the root') }) });
}

export function failAggregate(): never {
  throw new AggregateError([new RangeError('one'), new HttpError(404), 'three'], 'three at once');
}

export function failWith(value: unknown): never {
  throw value;
}

/** What it throws carries things that cannot travel; the error itself must still arrive. */
export function failWithBaggage(): never {
  throw Object.assign(new URIError('with baggage'), { handler: () => 1, token: Symbol('t'), kept: 7 });
}

export const giveFunction = (): unknown => () => 1;

export const giveSymbol = (): unknown => ({ deep: [Symbol('cannot travel')] });

/** For every third input there is a result that cannot travel. */
export const giveOrNot = (n: number): unknown => (n % 3 === 2 ? () => n : n);

export function failOdd(n: number): number {
  if (n % 2 === 1) throw new RangeError(`odd ${n}`);
  return n;
}

export function failAt(input: { n: number; bad: number }): number {
  if (input.n === input.bad) throw new RangeError(`bad ${input.n}`);
  return input.n;
}
