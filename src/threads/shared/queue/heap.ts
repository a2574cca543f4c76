import { atomics, type Bytes } from '../atomics.js';
import type { Monitor } from '../monitor.js';
import { PAGE_BYTES, PAGE_WORDS, ROVER } from './layout.js';

/**
 * Where items are that are too large for a cell: runs of pages in memory that grows. Everything but the copying is under the guard. The first page of a run says how many
 * there are and who took them; of all others both words are 0.
 */
export class Heap {
  readonly memory: SharedArrayBuffer;
  readonly #monitor: Monitor;
  readonly #table: number;
  readonly #bytes: Bytes;
  /** What the last search met first. */
  #firstFree = -1;

  constructor(monitor: Monitor, table: number, memory: SharedArrayBuffer) {
    this.#monitor = monitor;
    this.#table = table;
    this.memory = memory;
    this.#bytes = new Uint8Array(memory);
  }

  /** Takes so many bytes in a row: the first page + 1; 0 if there is no room for them. */
  take(bytes: number): number {
    const need = Math.ceil(bytes / PAGE_BYTES);
    const { words } = this.#monitor;
    const from = atomics.get(words, ROVER);
    let first = this.#find(from, need);
    if (first < 0) first = this.#grow(from, need);
    if (first < 0) return 0;
    this.#monitor.note(this.#at(first), need);
    this.#monitor.note(this.#at(first) + 1, atomics.self());
    if (this.#firstFree === first) this.#monitor.note(ROVER, first + need);
    this.#monitor.commit();
    return first + 1;
  }

  /** Notes that a run is given back. */
  noteFree(page: number): void {
    const { words } = this.#monitor;
    this.#monitor.note(this.#at(page - 1), 0);
    this.#monitor.note(this.#at(page - 1) + 1, 0);
    // What was used last is what the processor has at hand.
    if (page - 1 < atomics.get(words, ROVER)) this.#monitor.note(ROVER, page - 1);
  }

  /** Gives back the runs of dead threads that no cell has. */
  reclaim(isInCell: (page: number) => boolean, ask: boolean): void {
    const { words } = this.#monitor;
    const dead = new Map<number, boolean>();
    for (let page = 0; page < this.#pages; ) {
      const length = atomics.get(words, this.#at(page));
      if (length > 0 && !isInCell(page + 1)) {
        const thread = atomics.get(words, this.#at(page) + 1);
        if (!dead.has(thread)) dead.set(thread, atomics.isDead(thread, ask));
        if (dead.get(thread)) {
          this.noteFree(page + 1);
          this.#monitor.commit();
        }
      }
      page += length || 1;
    }
  }

  copyIn(page: number, data: Uint8Array): void {
    atomics.copyIn(this.#bytes, (page - 1) * PAGE_BYTES, data);
  }

  copyOut(page: number, data: Uint8Array): void {
    atomics.copyOut(this.#bytes, (page - 1) * PAGE_BYTES, data);
  }

  get #pages(): number {
    return Math.floor(this.memory.byteLength / PAGE_BYTES);
  }

  #at(page: number): number {
    return this.#table + PAGE_WORDS * page;
  }

  /** The first run of free pages that is long enough, from a page on before which none is free. */
  #find(from: number, need: number): number {
    const { words } = this.#monitor;
    const pages = this.#pages;
    let free = 0;
    this.#firstFree = -1;
    for (let page = from; page < pages; ) {
      const length = atomics.get(words, this.#at(page));
      if (length === 0 && this.#firstFree < 0) this.#firstFree = page;
      free = length > 0 ? 0 : free + 1;
      page += length || 1;
      if (free === need) return page - need;
    }
    return -1;
  }

  /** Makes the memory as large as is needed, and twice as large as it was. */
  #grow(from: number, need: number): number {
    const { memory } = this;
    const pages = this.#pages;
    const most = Math.floor(memory.maxByteLength / PAGE_BYTES);
    if (pages === most) return -1;
    memory.grow(Math.min(most, Math.max(2 * pages, pages + need)) * PAGE_BYTES);
    return this.#find(from, need);
  }
}
