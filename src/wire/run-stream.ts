import { clock, type LazySignal, type Leaving, letLeave, NotCallableError, runAs } from '../core/index.js';
import { CODED, type Port, ToPool } from './message.js';
import { transferListOf } from './transfer.js';
import { whileGathering } from './unsent.js';
import { encode, needsCode, notCloneable } from './value.js';

/** How long values may gather before they leave, in ms. */
const GATHER = 0.1;

/** What the pool tells a stream while it runs. */
export class StreamControl {
  #credit: number;
  #wake: (() => void) | undefined;
  closed = false;

  constructor(credit: number) {
    this.#credit = credit;
  }

  grant(n: number): void {
    this.#credit += n;
    this.#wake?.();
  }

  close(): void {
    this.closed = true;
    this.#wake?.();
  }

  get hasCredit(): boolean {
    return this.#credit > 0;
  }

  spend(): void {
    this.#credit--;
  }

  async credit(): Promise<void> {
    while (this.#credit <= 0 && !this.closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/**
 * Runs a generator, async or not, and posts what it yields, no more than the reader has given credit for. When the reader has left, the
 * generator is closed with `return()`, so that its `finally` runs.
 */
export async function runStream(
  port: Port,
  seq: number,
  name: string,
  fn: (...args: unknown[]) => unknown,
  args: unknown[],
  control: StreamControl,
  context: LazySignal,
): Promise<void> {
  const made = runAs(context, fn, args) as (AsyncIterable<unknown> & Iterable<unknown>) | undefined;
  const source = made?.[Symbol.asyncIterator]?.() ?? made?.[Symbol.iterator]?.();
  if (!source) throw new NotCallableError(`stream expects a generator function; ${name} returned ${String(made)}`);
  const next = () => source.next();
  let values: unknown[] = [];
  let since = clock.now();
  const flush = () => {
    if (values.length === 0) return;
    const out = values;
    values = [];
    since = clock.now();
    postItems(port, seq, name, out);
  };

  let done = false;
  const run = async () => {
    while (!control.closed) {
      if (!control.hasCredit) {
        flush();
        await control.credit();
        continue;
      }
      let step = runAs(context, next, []) as IteratorResult<unknown> | Promise<IteratorResult<unknown>>;
      if (typeof (step as Promise<unknown>).then === 'function') {
        // It may wait long: what is there goes out now, or at the end of this turn.
        if (clock.now() - since > GATHER) flush();
        else if (values.length > 0) clock.soon(flush);
        step = await step;
      }
      if ((step as IteratorResult<unknown>).done) {
        done = true;
        break;
      }
      control.spend();
      values.push((step as IteratorResult<unknown>).value);
      if (clock.now() - since > GATHER) flush();
    }
    flush();
    if (context.aborted) throw context.signal.reason;
  };
  try {
    await whileGathering(flush, run);
  } catch (error) {
    flush();
    throw error;
  } finally {
    if (!done) await runAs(context, async () => source.return?.(), []);
  }
}

function postItems(port: Port, seq: number, name: string, values: unknown[]): void {
  try {
    const coded = values.some(needsCode);
    const transfer = values.flatMap((v) => transferListOf(v) ?? []);
    const leaving: Leaving[] = [];
    port.post(
      [coded ? ToPool.ITEMS | CODED : ToPool.ITEMS, seq, coded ? encode(values, port.carrier, leaving) : values],
      transfer.length > 0 ? transfer : undefined,
    );
    letLeave(leaving);
  } catch (cause) {
    throw notCloneable(`What ${name} yielded`, values, (i) => `value ${i}`, cause);
  }
}
