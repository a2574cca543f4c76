import { clock, type LazySignal, letLeave, NotCallableError, runAs } from '../core/index.js';
import { enveloped, type Port, ToPool } from './message.js';
import { notCloneable } from './not-cloneable.js';
import { transferListOf } from './transfer.js';
import { whileGathering } from './unsent.js';
import { Encoder, needsCode } from './value.js';

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
    sendItems(port, seq, values);
  } catch (cause) {
    // Those before the one that cannot travel have been yielded, and arrive.
    const sent = values.length === 1 ? 0 : sendOneByOne(port, seq, values);
    if (sent === values.length) return; // each can, but not together: too large, perhaps
    throw notCloneable(`What ${name} yielded`, values.slice(sent, sent + 1), () => 'it', cause);
  }
}

/** @returns How many could be sent. */
function sendOneByOne(port: Port, seq: number, values: readonly unknown[]): number {
  for (const [i, value] of values.entries()) {
    try {
      sendItems(port, seq, [value]);
    } catch {
      return i; // its cause is known
    }
  }
  return values.length;
}

function sendItems(port: Port, seq: number, values: readonly unknown[]): void {
  const list = values.flatMap((value) => transferListOf(value) ?? []);
  const transfer = list.length > 0 ? list : undefined;
  if (!values.some(needsCode)) return port.post([ToPool.ITEMS, seq, values], transfer);
  const encoder = new Encoder(port.carrier);
  port.post(enveloped([ToPool.ITEMS, seq, values.map((value) => encoder.code(value))], encoder.marks), transfer);
  letLeave(encoder.leaving);
}
