import { bare, CancelledError } from '../core/index.js';
import type { AnyFunction, CallOptions, Executor, MapOptions, Results, Settled } from '../futures/index.js';
import { Feeder } from './feeder.js';
import type { Item, Reader } from './item.js';
import type { TokenBucket } from './rate.js';
import { Reorder } from './reorder.js';
import { RetryLane } from './retry-lane.js';

/** One run, put together. */
export interface RunPlan<I, R> {
  executor: Executor;
  fn: AnyFunction;
  reader: Reader<I>;
  ordered: boolean;
  /** Counted here alone; `undefined`: as the executor that was given has it. */
  retries: number | undefined;
  wait(failures: number): number;
  rate?: TokenBucket | undefined;
  timeout?: number | undefined;
  chunk?: number | 'auto' | undefined;
  buffer?: number | undefined;
  skip?: ((index: number, item: Item<I>) => boolean) | undefined;
  /**
   * Whether a failure says that nothing can be run at all. It ends the run, and is not recorded.
   */
  hopeless?: ((reason: unknown) => boolean) | undefined;
  /** Takes an outcome. A promise means: not more for now. */
  emit(outcome: Settled<R, I>): void | Promise<void>;
}

/** How far an ordered run may go on past a call that has not ended. In inputs. */
const WINDOW = 65_536;

/**
 * Runs a function over inputs: feeds the executor's map, sends failures round again, brings outcomes into order and gives
 * each to `emit`. Exactly one outcome for each index, unless the run is stopped or cancelled.
 */
export class Run<I, R> {
  readonly #plan: RunPlan<I, R>;
  readonly #call: CallOptions = bare({});
  readonly #feeder: Feeder<I>;
  readonly #lane: RetryLane<I, R>;
  readonly #order: Reorder<Settled<R, I>> | undefined;
  #results: Results<Settled<R, I>> | undefined;
  #pressure: Promise<void> | undefined;
  /** Given to `emit` but not yet wanted: counted as delivered once the pressure is gone. */
  #pressing = 0;
  #malformed = 0;
  #delivered = 0;
  #stopping = false;
  #hopeless: { reason: unknown } | undefined;

  constructor(plan: RunPlan<I, R>) {
    this.#plan = plan;
    const { executor, fn, rate, retries, wait, timeout, ordered } = plan;
    if (timeout !== undefined) this.#call.timeout = timeout;
    // Retries are counted here alone: what is said of the run goes before what a view of the
    // executor says.
    if (retries !== undefined) this.#call.retries = 0;
    const single = Object.keys(this.#call).length === 0 ? executor : executor.with(this.#call);
    this.#lane = new RetryLane(single, fn, { retries: retries ?? 0, wait, rate }, (outcome) => {
      if (outcome.status === 'rejected' && plan.hopeless?.(outcome.reason)) this.#giveUp(outcome.reason);
      else this.#record(outcome);
      this.#feeder.wake();
    });
    if (ordered) this.#order = new Reorder((outcome) => this.#emit(outcome));
    const needsDoor = (retries ?? 0) > 0 || ordered || plan.buffer !== undefined;
    this.#feeder = new Feeder<I>(
      plan.reader,
      bare({
        rate,
        ...(needsDoor && bare({ open: () => this.#open() })),
        skip: plan.skip && ((index, item) => this.#skip(index, item)),
        malformed: (index, item) => {
          this.#malformed++;
          // The function never sees it: its raw text stands in for the input in the record.
          this.#record({ status: 'rejected', reason: item.error, input: item.raw as I, index });
        },
      }),
    );
  }

  /** How many inputs have been looked at. */
  get taken(): number {
    return this.#feeder.index;
  }

  /** Whether every input has been looked at. */
  get exhausted(): boolean {
    return this.#feeder.ended && !this.#stopping && !this.#feeder.failure;
  }

  /** Ends when everything has been emitted. Throws what the source threw, after that. */
  async finished(): Promise<void> {
    const { executor, fn, rate, buffer } = this.#plan;
    const options: MapOptions & { onError: 'settle' } = bare({ ...this.#call, onError: 'settle', ordered: false });
    if (buffer !== undefined) options.buffer = buffer;
    const chunk = rate === undefined ? this.#plan.chunk : 1; // a chunk would start its calls together
    if (chunk !== undefined) options.chunk = chunk;
    const results = executor.map(fn as (input: I) => R, this.#feeder, options) as Results<Settled<R, I>>;
    this.#results = results;
    try {
      for await (const outcome of results) {
        outcome.index = this.#feeder.indexOf(outcome.index);
        this.#settled(outcome);
        if (this.#pressure) await this.#relieved();
      }
      await this.#lane.idle();
    } catch (error) {
      if (!(this.#stopping && error instanceof CancelledError)) throw error;
    } finally {
      this.#lane.cancel('the run has ended');
      this.#feeder.stop();
    }
    if (this.#feeder.failure) throw this.#feeder.failure.error;
    if (this.#hopeless) throw this.#hopeless.reason;
  }

  /** No further input is taken; what was taken comes in. */
  stop(): void {
    this.#stopping = true;
    this.#feeder.stop();
    this.#lane.stop();
  }

  /** What is in flight is cancelled. */
  cancel(reason: unknown): void {
    this.stop();
    this.#lane.cancel(reason);
    this.#results?.cancel(reason);
  }

  #open(): boolean {
    if (this.#lane.full) return false;
    if (this.#order && this.#feeder.index - this.#order.next >= WINDOW) return false;
    const { buffer } = this.#plan;
    return buffer === undefined || this.#feeder.fed + this.#malformed - this.#delivered < buffer;
  }

  #skip(index: number, item: Item<I>): boolean {
    const skip = this.#plan.skip?.(index, item) ?? false;
    if (skip) this.#order?.pass(index);
    return skip;
  }

  #settled(outcome: Settled<R, I>): void {
    if (outcome.status === 'rejected' && this.#plan.hopeless?.(outcome.reason)) this.#giveUp(outcome.reason);
    else if (outcome.status === 'fulfilled' || !this.#lane.offer(outcome)) this.#record(outcome);
  }

  #giveUp(reason: unknown): void {
    if (this.#hopeless) return;
    this.#hopeless = { reason };
    this.cancel(reason);
  }

  #record(outcome: Settled<R, I>): void {
    // Left undone on purpose: no record, so a resumed run does it.
    if (this.#stopping && outcome.status === 'rejected' && outcome.reason instanceof CancelledError) return;
    if (this.#order) this.#order.push(outcome);
    else this.#emit(outcome);
  }

  #emit(outcome: Settled<R, I>): void {
    const pressure = this.#plan.emit(outcome);
    if (pressure) {
      this.#pressure = pressure;
      this.#pressing++;
    } else {
      this.#delivered++;
      this.#feeder.wake();
    }
  }

  async #relieved(): Promise<void> {
    await this.#pressure;
    this.#pressure = undefined;
    this.#delivered += this.#pressing;
    this.#pressing = 0;
    this.#feeder.wake();
  }
}
