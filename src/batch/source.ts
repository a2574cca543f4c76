import { InputError } from '../core/index.js';
import { sameAs } from './file-id.js';
import { Malformed, type Reader } from './item.js';

/** What a kind of source has to say for itself. */
export interface SourceParts<I> {
  kind: string;
  label: string;
  /** The one file that it reads; `-` is standard input. */
  file?: string;
  open(): Reader<I>;
  /** The same source, but for these files. */
  without?: (files: readonly (string | number)[]) => Source<I>;
  check?: () => Promise<void>;
  total?: (signal: AbortSignal) => number | undefined | Promise<number | undefined>;
}

/**
 * Where inputs come from: made by `lines`, `jsonl`, `csv`, `glob`, `range`, `list`. Read bit by bit, so its size does not
 * matter. A job records what is malformed and goes on; a plain `for await` throws at it.
 *
 * Cancelling: leaving the loop closes the file.
 *
 * @throws {InputError} code `MEANTIME_INPUT`, while it is read: what cannot be read, with file and line.
 *
 * @example
 * ```ts run
 * import { range } from 'meantime/batch';
 *
 * const seen: number[] = [];
 * for await (const n of range(1, 9, 4)) seen.push(n);
 * seen; // => [1, 5, 9]
 * ```
 */
export class Source<I> implements AsyncIterable<I> {
  /** `lines`, `jsonl`, `csv`, `glob`, `range`, `list`. */
  readonly kind: string;
  /** For people: a file name, `1..10`, `standard input`. */
  readonly label: string;
  readonly #parts: SourceParts<I>;

  constructor(parts: SourceParts<I>) {
    this.kind = parts.kind;
    this.label = parts.label;
    this.#parts = parts;
  }

  /** Starts to read from the beginning. */
  open(): Reader<I> {
    return this.#parts.open();
  }

  /**
   * The source of a run that writes these files (paths, or numbers of descriptors): patterns leave
   * them out, whatever names they have.
   *
   * @throws {InputError} if it reads one of them, which the run would empty, or read for ever.
   */
  without(written: readonly (string | number)[]): Source<I> {
    const { file, label, without } = this.#parts;
    const same = file === undefined ? undefined : sameAs(file === '-' ? 0 : file, written);
    if (same === undefined) return without?.(written) ?? this;
    const name = same === 1 ? 'standard output' : same === 2 ? 'standard error' : String(same);
    const also = name === label ? '' : `, which is the same file as ${label},`;
    throw new InputError(`${name}${also} is both an input and an output: write to another file`);
  }

  /** Throws an InputError now if it is plain that it cannot be read, before a worker is started for it. */
  async check(): Promise<void> {
    await this.#parts.check?.();
  }

  /** How many inputs there are, if that can be found out cheaply. Gives up when `signal` aborts. */
  async total(signal: AbortSignal): Promise<number | undefined> {
    return this.#parts.total?.(signal);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<I, void, undefined> {
    const reader = this.open();
    try {
      for (let batch = await reader.read(); batch.length > 0; batch = await reader.read()) {
        for (const item of batch) {
          if (item instanceof Malformed) throw item.error;
          yield item;
        }
      }
    } finally {
      await reader.close();
    }
  }
}
