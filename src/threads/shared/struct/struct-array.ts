import { OptionError, type Parcel, type Traveller, travels } from '../../../core/index.js';
import type { PlainStruct } from './layout.js';
import { described } from './layout.js';
import type { Schema, StructRecord } from './schema.js';
import type { Views } from './views.js';

/** A class of records, as the code that is generated knows it. */
export interface RecordClass {
  readonly size: number;
  readonly [described]: PlainStruct;
  new (views: Views, at: number): object;
}

export interface StructArrayParts {
  struct: PlainStruct;
  memory: SharedArrayBuffer;
  at: number;
  length: number;
}

export const noStructsBetweenProcesses = 'between processes send a copy (toJSON()), or let a Manager host an object';

/**
 * Records of one struct in one block of shared memory, one after the other. Passed as an argument, at any depth, it arrives as itself. Made by `Struct.array(length)`.
 *
 * @example
 * ```ts run
 * import { struct } from 'meantime/threads';
 *
 * const Point = struct({ x: 'f32', y: 'f32' });
 * const points = Point.array(1000);
 * points.get(3).x = 1.5;
 * let sum = 0;
 * for (const point of points) sum += point.x;
 * sum; // => 1.5
 * ```
 */
export class StructArray<S extends Schema> implements Traveller, Iterable<StructRecord<S>> {
  /** How many records there are. */
  readonly length: number;
  readonly #Record: RecordClass;
  readonly #views: Views;
  readonly #at: number;

  /** @internal */
  constructor(Record: RecordClass, views: Views, at: number, length: number) {
    this.#Record = Record;
    this.#views = views;
    this.#at = at;
    this.length = length;
  }

  /** The memory of all of them, and maybe of more. */
  get memory(): SharedArrayBuffer {
    return this.#views.memory;
  }

  /**
   * The record at an index: a view of it, not a copy.
   *
   * @throws {OptionError} if there is none.
   */
  get(index: number): StructRecord<S> {
    if (!Number.isInteger(index) || index < 0 || index >= this.length) {
      throw new OptionError(`This array has no index ${String(index)}: it has ${this.length} records, from index 0`);
    }
    return new this.#Record(this.#views, this.#at + index * this.#Record.size) as StructRecord<S>;
  }

  *[Symbol.iterator](): Generator<StructRecord<S>, void, void> {
    for (let i = 0; i < this.length; i++) yield this.get(i);
  }

  /** A copy as plain data. */
  toJSON(): Record<string, unknown>[] {
    return Array.from(this, (record) => (record as { toJSON(): Record<string, unknown> }).toJSON());
  }

  /** @internal */
  [travels](): Parcel {
    const parts: StructArrayParts = { struct: this.#Record[described], memory: this.memory, at: this.#at, length: this.length };
    return { kind: 'threads/StructArray', parts, only: 'threads', instead: noStructsBetweenProcesses };
  }
}
