type Body = (t: Context) => unknown;
interface Context {
  name: string;
  signal: AbortSignal;
  diagnostic(): void;
  skip(): void;
  after(fn: () => unknown): void;
  test(name: string, fn: Body): Promise<void>;
}

/** As much of `node:test` as the tests of this project use, to be run one after another in this process. */
export class Tests {
  readonly #all: [name: string, body: Body][] = [];
  readonly #before: (() => unknown)[] = [];
  readonly #after: (() => unknown)[] = [];
  readonly #beforeEach: (() => unknown)[] = [];
  readonly #afterEach: (() => unknown)[] = [];

  /** To be had as `node:test`. */
  readonly api = {
    test: (name: string, options: { skip?: unknown; todo?: unknown } | Body, fn?: Body): void => {
      if (typeof options === 'function') this.#all.push([name, options]);
      else if (fn !== undefined && !options.skip && !options.todo) this.#all.push([name, fn]);
    },
    describe: (_name: string, fn: () => void): void => fn(),
    before: (fn: () => unknown): void => void this.#before.push(fn),
    after: (fn: () => unknown): void => void this.#after.push(fn),
    beforeEach: (fn: () => unknown): void => void this.#beforeEach.push(fn),
    afterEach: (fn: () => unknown): void => void this.#afterEach.push(fn),
  };

  /** @returns the name of the first that fails, with its error; `undefined` if none does. */
  async run(alive: () => void): Promise<string | undefined> {
    let at = 'before';
    try {
      for (const fn of this.#before) await fn();
      for (const [name, body] of this.#all) {
        alive();
        at = name;
        for (const fn of this.#beforeEach) await fn();
        await run(name, body);
        for (const fn of this.#afterEach) await fn();
      }
      at = 'after';
      for (const fn of this.#after) await fn();
    } catch (error) {
      return `${at}: ${String(error).split('\n')[0].slice(0, 200)}`;
    }
    return undefined;
  }
}

async function run(name: string, body: Body): Promise<void> {
  const after: (() => unknown)[] = [];
  const context: Context = {
    name,
    signal: new AbortController().signal,
    diagnostic: () => undefined,
    skip: () => undefined,
    after: (fn) => void after.push(fn),
    test: run,
  };
  try {
    await body(context);
  } finally {
    for (const fn of after) await fn();
  }
}
