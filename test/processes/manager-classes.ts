// What the tests of managers host.
import { currentSignal, type Manager, type ProcessQueue, type Remote } from 'meantime/processes';

class Base {
  inherited(): string {
    return 'from the base';
  }
}

export class Dict extends Base {
  readonly #entries = new Map<string, unknown>();
  label = 'a dict';
  _secret = 1;

  constructor(entries: [string, unknown][] = []) {
    super();
    for (const [key, value] of entries) this.#entries.set(key, value);
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): unknown {
    return this.#entries.get(key);
  }

  set(key: string, value: unknown): void {
    this.#entries.set(key, value);
  }

  keys(): IterableIterator<string> {
    return this.#entries.keys();
  }

  async pid(): Promise<number> {
    return process.pid;
  }

  fail(): never {
    throw Object.assign(new RangeError('no such thing'), { code: 'E_NO' });
  }

  exit(): void {
    process.exit(3);
  }

  func(): unknown {
    return () => undefined;
  }

  _private(): string {
    return 'secret';
  }

  async *count(to: number): AsyncGenerator<number, void, undefined> {
    for (let i = 0; i < to; i++) yield i;
  }

  /** What it has reached, and whether it was closed. */
  reached = 0;
  closed = false;
  async *endless(): AsyncGenerator<number, void, undefined> {
    try {
      for (;;) yield this.reached++;
    } finally {
      this.closed = true;
    }
  }

  *failing(): Generator<number, void, undefined> {
    yield 1;
    yield 2;
    throw new RangeError('after two');
  }

  /** Waits until its caller no longer wants it. */
  async untilAborted(told: ProcessQueue<string>): Promise<void> {
    const signal = currentSignal() as AbortSignal;
    await told.put('waiting');
    if (!signal.aborted) await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    await told.put('aborted');
  }
}

/** Says on a queue when it is freed. */
export class Witness {
  readonly #queue: ProcessQueue<string>;

  constructor(queue: ProcessQueue<string>) {
    this.#queue = queue;
  }

  name(): string {
    return 'witness';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#queue.put('freed');
  }
}

export class Keeper {
  #kept: Remote<Dict> | undefined;

  keep(dict: Remote<Dict>): void {
    this.#kept = dict;
  }

  kept(): Remote<Dict> | undefined {
    return this.#kept;
  }

  drop(): void {
    this.#kept?.[Symbol.dispose]();
    this.#kept = undefined;
  }
}

export class Unmakable {
  constructor() {
    throw new RangeError('cannot be made');
  }
}

export async function setFrom(dict: Remote<Dict>, key: string, value: unknown): Promise<number> {
  await dict.set(key, value);
  return process.pid;
}

export async function nameOf(witness: Remote<Witness>): Promise<string> {
  return witness.name();
}

/** Keeps a handle until it is killed. */
export async function hold(witness: Remote<Witness>, ready: ProcessQueue<number>): Promise<never> {
  await witness.name();
  await ready.put(process.pid);
  return new Promise<never>(() => {});
}

export async function createThere(manager: Manager, value: unknown): Promise<Remote<Dict>> {
  const dict = await manager.create(Dict);
  await dict.set('made', [process.pid, value]);
  return dict;
}

export class Thenable {
  // biome-ignore lint/suspicious/noThenProperty: that is what it is about
  then(): string {
    return 'was called';
  }

  name(): string {
    return 'thenable';
  }
}

/** A class with members of which a hostile caller could have much. */
export class Plenty {
  label = 'x'.repeat(1_000_000);

  label2(): string {
    return 'here';
  }

  fresh(): string {
    return 'y'.repeat(1_000_000);
  }

  async slow(): Promise<string> {
    await new Promise((resolve) => setImmediate(resolve));
    return 'z'.repeat(1_000_000);
  }

  *endless(): Generator<number, void, undefined> {
    for (;;) yield 1;
  }

  *untold(): Generator<() => void, void, undefined> {
    yield () => undefined;
  }

  wait(): Promise<never> {
    return new Promise<never>(() => {});
  }

  fail(): never {
    throw Object.assign(new RangeError('no'), { detail: 'd'.repeat(100_000) });
  }
}
