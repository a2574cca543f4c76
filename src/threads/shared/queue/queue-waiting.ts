import { QueueClosedError } from '../../../core/index.js';
import type { Words } from '../atomics.js';
import { keep, type Packed, unpack } from '../codec/codec.js';
import type { Waiting } from '../waiting.js';
import type { LineOf } from './line-of.js';
import { closed, type QueueCore } from './queue-core.js';
import { OVER } from './ring.js';

/** Standing in one of the lines of a queue. */
abstract class QueueWaiting<T> implements Waiting<T> {
  readonly what: string;
  protected readonly core: QueueCore;
  readonly #line: LineOf;
  #slot = -1;

  constructor(what: string, core: QueueCore, line: LineOf) {
    this.what = what;
    this.core = core;
    this.#line = line;
  }

  stuck(): Error | undefined {
    return undefined;
  }

  get words(): Words {
    return this.core.words;
  }

  get at(): number {
    return this.#slot < 0 ? -1 : this.#line.stateAt(this.#slot);
  }

  begin(): boolean {
    this.core.enrol();
    return this.core.monitor.within(() => this.#enter());
  }

  retry(late: boolean): boolean {
    return this.core.monitor.within(() => {
      if (late) {
        this.unblock();
        this.#line.bury();
      }
      if (this.#slot < 0) return this.#enter();
      const isNext = this.#line.isNext(this.#slot);
      // Rule 9: what comes in this instant finds a sleeper, and calls it again.
      this.#line.rest(this.#slot);
      if (!isNext || !this.#try(late)) return false;
      this.#leaveLine();
      if (this.hasMore) this.#line.call();
      return true;
    });
  }

  leave(): boolean {
    if (this.#slot >= 0) {
      this.core.monitor.within(() => {
        const wasCalled = this.#line.isCalled(this.#slot);
        this.#leaveLine();
        if (wasCalled) this.#line.call(); // what it was called for is the next one's
      });
    }
    return true;
  }

  abstract outcome(): T;

  /** Rule 10: it never has what it does not want. */
  decline(): void {}

  /** Under the guard: does it, if it can be done. `true` also if it never can: then `outcome` throws. `late`: it has been tried for a while. */
  protected abstract attempt(late: boolean): boolean;

  /** Under the guard: undoes what a dead thread has begun, if it is in the way. */
  protected abstract unblock(): void;

  /** Whether the next in line would find something, too. */
  protected abstract get hasMore(): boolean;

  #enter(): boolean {
    this.#slot = this.#line.enter();
    // Rule 9: it is in the line by now, and looks once more.
    if (this.#slot < 0 || !this.#line.isNext(this.#slot) || !this.#try(false)) return false;
    this.#leaveLine();
    return true;
  }

  /** What cannot even be tried, for want of memory, is not to stand in the way of others. */
  #try(late: boolean): boolean {
    try {
      return this.attempt(late);
    } catch (error) {
      this.#leaveLine();
      throw error;
    }
  }

  #leaveLine(): void {
    this.#line.leave(this.#slot);
    this.#slot = -1;
  }
}

/** Waits for room, and puts an item there. */
export class PutWaiting extends QueueWaiting<void> {
  readonly #item: Packed;
  #position = -1;
  #page = 0;

  constructor(what: string, core: QueueCore, item: Packed) {
    super(what, core, core.putters);
    this.#item = keep(item);
  }

  override outcome(): void {
    if (this.#position < 0) throw closed('put an item into');
    this.core.fill({ position: this.#position, page: this.#page }, this.#item);
  }

  protected override unblock(): void {
    while (this.core.undo(this.core.ring.nextIn, true));
  }

  protected override attempt(late: boolean): boolean {
    try {
      const claim = this.core.claim(this.#item.length, late);
      if (claim === undefined) return false;
      this.#position = claim.position;
      this.#page = claim.page;
    } catch (error) {
      if (!(error instanceof QueueClosedError)) throw error;
    }
    return true;
  }

  protected override get hasMore(): boolean {
    return this.core.ring.mayPut;
  }
}

/** Waits for an item, and takes it. */
export class GetWaiting extends QueueWaiting<unknown> {
  #position = -1;

  constructor(what: string, core: QueueCore) {
    super(what, core, core.getters);
  }

  override outcome(): unknown {
    if (this.#position < 0) throw closed('get an item from');
    return unpack(this.core.empty(this.#position));
  }

  protected override unblock(): void {
    while (this.core.undo(this.core.ring.nextOut, true));
  }

  protected override attempt(): boolean {
    this.#position = this.core.claimGet();
    return this.#position >= 0 || this.#position === OVER;
  }

  protected override get hasMore(): boolean {
    return this.core.ring.mayGet || this.core.ring.closed;
  }
}

/** Waits until all is done. */
export class JoinWaiting extends QueueWaiting<void> {
  constructor(what: string, core: QueueCore) {
    super(what, core, core.joiners);
  }

  override outcome(): void {}

  protected override unblock(): void {
    this.core.sweep(true);
  }

  protected override attempt(): boolean {
    return this.core.unfinished === 0;
  }

  protected override get hasMore(): boolean {
    return this.core.unfinished === 0;
  }
}
