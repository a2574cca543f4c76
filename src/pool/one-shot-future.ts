import { clock, milliseconds, readOptions, TimeoutError, type Timer } from '../core/index.js';
import { cancellation, cancelWithCaller, type Future, FutureCell, FutureSource, watchFuture } from '../futures/index.js';
import { OneShot, type Shot } from './one-shot.js';
import type { Transport } from './transport.js';

/** The future of a call that has a worker of its own, and the handle of that worker. */
export class OneShotFuture<T> extends FutureCell<T> {
  readonly name: string;
  /** Not `#`: what threads and processes have each of their own asks it. */
  protected readonly life: OneShot;

  constructor(transport: Transport, shot: Shot) {
    super();
    this.name = shot.name;
    this.life = new OneShot(transport, shot, this as FutureCell<unknown>);
  }

  override cancel(reason?: unknown): boolean {
    if (this.settled) return false;
    this.life.cancelCall(undefined, reason);
    return true;
  }

  join(timeout?: number): Future<void> {
    const { timeout: ms = Number.POSITIVE_INFINITY } = readOptions<{ timeout?: number }>('join', { timeout }, { timeout: milliseconds });
    const source = new FutureSource<void>();
    let timer: Timer | undefined;
    const leave = watchFuture(this.life.exited.future, () => {
      timer?.cancel();
      source.fulfil();
    });
    if (ms !== Number.POSITIVE_INFINITY && !source.future.settled) {
      timer = clock.after(ms, () => {
        leave();
        source.reject(new TimeoutError(`${this.name} was still there after ${ms} ms`));
      });
    }
    source.onCancel((reason) => {
      leave();
      timer?.cancel();
      source.reject(cancellation(reason));
    });
    return cancelWithCaller(source.future);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cancel('its block was left');
    await this.join();
  }

  terminate(): Future<void> {
    this.life.expectEnd();
    this.life.kill('it was told to terminate');
    return this.join();
  }
}
