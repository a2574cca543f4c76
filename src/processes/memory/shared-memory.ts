import {
  ConnectionClosedError,
  flag,
  has,
  NotCloneableError,
  OptionError,
  type Parcel,
  ResourceError,
  readOptions,
  TooLargeError,
  type Traveller,
  text,
  travels,
  whole,
  writeAll,
} from '../../core/index.js';
import { type Block, type BlockParts, blockFolder, createNamed, createNameless, LARGEST, NAME, openNamed, openParts } from './block.js';
import { closeFile, identify, readAt, removeFile } from './files.js';
import { dropName } from './names.js';
import { findNative } from './native.js';

/** How a block is made. */
export interface SharedMemoryOptions {
  /** In bytes: from 1 to 4 GiB. It never changes. */
  size: number;
  /** For processes that are not given the block itself. Letters, digits, `.`, `_` and `-`, at most 200, not a `.` first. */
  name?: string;
  /** Rather an error than a `buffer` that is a copy. Default `false`. */
  shared?: boolean;
}

/** What this machine can do; see {@link SharedMemory.support}. */
export interface SharedMemorySupport {
  /** Whether `buffer` is the block itself. */
  readonly shared: boolean;
  /** Why it is not. */
  readonly reason: string | undefined;
  /** Where blocks with names are. */
  readonly folder: string;
  /** The size of the largest block, in bytes. */
  readonly largest: number;
}

const createTable = { size: (v: unknown) => whole(1)(v) && `${whole(1)(v)} (bytes)`, name: text, shared: flag };
const openTable = { shared: flag };
/** Descriptors of blocks that nobody has any more. Not of those that were sent: whoever gets one opens it by this process's descriptor. */
const forgotten = new FinalizationRegistry<number>(closeFile);

/**
 * A block of memory that several processes, and threads, have at once. It travels as itself: as an argument, in a result, inside of other values. Who is not
 * given it opens it by its name.
 *
 * With the optional dependency `koffi` (on Linux and macOS), `buffer` is the block itself, the same memory in every process, and `Atomics` work on it
 * between all of them. Without it, `buffer` is this handle's own copy: `flush` writes it to the block and `refresh` reads it from there. A program that calls both
 * where it hands over or takes over works either way, and so do `read` and `write`, which always go to the block. Whether it is so here says `shared`; a block
 * made with `shared: true` is not to be had otherwise.
 *
 * A block without a name is gone when nobody has it open. Where it was passed to it is opened at
 * its first use, so whoever made it has to have it until then. A name is taken away when its maker
 * disposes of the block or ends, however it ends. Memory that has been seen through `buffer` stays
 * until that has been collected, also after `close`: nothing that can still be looked at is taken
 * away.
 *
 * @example
 * ```ts run
 * import { ProcessPoolExecutor, SharedMemory } from 'meantime/processes';
 *
 * using block = SharedMemory.create({ size: 1024 });
 * await using pool = new ProcessPoolExecutor({ workers: 1 });
 * await pool.submit((b: SharedMemory) => {
 *   b.write(new TextEncoder().encode('hello'), 100);
 * }, block);
 * new TextDecoder().decode(block.read(100, 5)); // => 'hello'
 * ```
 */
export class SharedMemory implements Traveller, Disposable {
  /** In bytes. */
  readonly size: number;
  /** What others open it by, if it has a name. */
  readonly name: string | undefined;
  #block: Block | undefined;
  /** The parts it came in, until its first use. */
  #parts: BlockParts | undefined;
  /** Why it cannot be used. */
  #error: Error | undefined;
  /** Whether the name is this one's to take away. */
  #owner: boolean;
  #buffer: ArrayBuffer | undefined;

  private constructor(size: number, name: string | undefined, from: Block | BlockParts, owner: boolean) {
    this.size = size;
    this.name = name;
    this.#owner = owner;
    if (has(from, 'pid')) this.#parts = from;
    else this.#has(from);
  }

  /**
   * Makes a block; all its bytes are 0.
   *
   * @throws {OptionError} if an option is wrong or the name is taken.
   * @throws {TooLargeError} if it is over 4 GiB, or there is no room for it.
   * @throws {WorkerStartError} if nothing can watch over the name.
   */
  static create(options: SharedMemoryOptions): SharedMemory {
    const { size, name, shared } = readOptions('SharedMemory.create', options, createTable);
    if (size === undefined) throw new OptionError('SharedMemory.create: option "size" is missing: a whole number of bytes from 1 up');
    if (size > LARGEST) throw new TooLargeError(`SharedMemory.create: ${size} bytes are asked for, and a block has at most ${LARGEST}`);
    demand('SharedMemory.create', shared);
    const block = name === undefined ? createNameless(size) : createNamed(checked('SharedMemory.create', name), size);
    return new SharedMemory(size, name, block, true);
  }

  /**
   * Opens the block of that name.
   *
   * @throws {OptionError} if there is none, or it is not this user's.
   * @throws {TooLargeError} if it is over 4 GiB: another program made it.
   */
  static open(name: string, options?: { shared?: boolean }): SharedMemory {
    const found = SharedMemory.tryOpen(name, options);
    if (found === undefined)
      throw new OptionError(`SharedMemory.open: there is no block "${name}": nobody has made it, or its maker has ended`);
    return found;
  }

  /** The same, but `undefined` if there is no such block. */
  static tryOpen(name: string, options?: { shared?: boolean }): SharedMemory | undefined {
    demand('SharedMemory.open', readOptions('SharedMemory.open', options, openTable).shared);
    const block = openNamed(checked('SharedMemory.open', name));
    return block && new SharedMemory(block.size, name, block, false);
  }

  /** Whether memory is shared on this machine, and if not, why. */
  static support(): SharedMemorySupport {
    const found = findNative();
    const reason = found.native === undefined ? found.reason : undefined;
    return Object.freeze({ shared: reason === undefined, reason, folder: blockFolder(), largest: LARGEST });
  }

  /**
   * Makes a handle that has come from elsewhere. Nothing is opened before its first use, and what
   * is wrong with it is told then. @internal
   */
  static arrived({ name, ...parts }: BlockParts & { name: string | undefined }): SharedMemory {
    return new SharedMemory(parts.size, name, parts, false);
  }

  /** Whether `buffer` is the block itself; else it is a copy. */
  get shared(): boolean {
    return findNative().native !== undefined;
  }

  /** Whether it was closed here. */
  get closed(): boolean {
    return this.#block === undefined && this.#parts === undefined && this.#error === undefined;
  }

  /**
   * The bytes, always the same buffer: the block itself if `shared`, else a copy that `flush` and `refresh` keep up with it. It cannot be transferred.
   *
   * @throws {ConnectionClosedError} after `close`, or if whoever sent it closed it or ended before
   * its first use here.
   * @throws {WireError} code `MEANTIME_WIRE`, if what was sent is no block of this user.
   * @throws {TooLargeError} if there are no addresses, or no memory for the copy.
   */
  get buffer(): ArrayBuffer {
    const { fd } = this.#use();
    if (this.#buffer !== undefined) return this.#buffer;
    const { native } = findNative();
    if (native === undefined) {
      this.#buffer = allocate(this.size);
      this.refresh();
    } else {
      const { size } = identify(fd);
      if (size < this.size) throw new ConnectionClosedError(`The block has been cut from ${this.size} to ${size} bytes`);
      this.#buffer = native.map(fd, this.size);
    }
    return this.#buffer;
  }

  /**
   * A copy of bytes of the block.
   *
   * @param offset In bytes. Default 0.
   * @param length In bytes. Default: all from there on.
   * @throws {OptionError} if they are not in the block.
   * @throws {ConnectionClosedError} as `buffer`.
   */
  read(offset = 0, length: number = this.size - offset): Uint8Array<ArrayBuffer> {
    const { fd } = this.#use();
    this.#within('read', offset, length);
    const bytes = new Uint8Array(allocate(length));
    readAt(fd, bytes, offset);
    return bytes;
  }

  /**
   * Writes bytes to the block, where everybody sees them at once; not all in one instant.
   *
   * @param offset In bytes. Default 0.
   * @throws {OptionError} if they do not fit in there.
   * @throws {ConnectionClosedError} as `buffer`.
   */
  write(bytes: Uint8Array, offset = 0): void {
    const { fd } = this.#use();
    this.#within('write', offset, bytes.byteLength);
    writeAll(fd, bytes, offset);
    if (this.#buffer !== undefined && !this.shared) new Uint8Array(this.#buffer).set(bytes, offset);
  }

  /** Makes what was written to `buffer` seen by all: where it is a copy, writes it, or `length` bytes from `offset` on, to the block. */
  flush(offset = 0, length: number = this.size - offset): void {
    const { fd } = this.#use();
    this.#within('flush', offset, length);
    if (this.#buffer !== undefined && !this.shared) writeAll(fd, new Uint8Array(this.#buffer, offset, length), offset);
  }

  /** Makes what others wrote seen in `buffer`: where it is a copy, reads it, or `length` bytes from `offset` on, from the block. */
  refresh(offset = 0, length: number = this.size - offset): void {
    const { fd } = this.#use();
    this.#within('refresh', offset, length);
    if (this.#buffer !== undefined && !this.shared) readAt(fd, new Uint8Array(this.#buffer, offset, length), offset);
  }

  /** Lets go of the block; others keep it, and so does a `buffer` that is still there. A name stays. More than once does no harm. */
  close(): void {
    const block = this.#block;
    this.#block = this.#buffer = this.#parts = this.#error = undefined;
    if (block === undefined) return;
    forgotten.unregister(this);
    closeFile(block.fd);
    if (this.#owner && this.name === undefined) removeName(block); // it had to be given one
  }

  /**
   * Takes the name away: nobody can open it any more, and who has it open keeps it. Does nothing if it has no name, or that is another block's by now.
   *
   * @throws {ConnectionClosedError} as `buffer`.
   */
  unlink(): void {
    const block = this.#use();
    if (this.name !== undefined) removeName(block);
  }

  /** Closes it; its maker takes the name away, too. */
  [Symbol.dispose](): void {
    if (this.#owner && this.#block !== undefined) this.unlink();
    this.close();
  }

  /** From now on it stays open here until `close`: others open it by this process's descriptor. @internal */
  [travels](): Parcel {
    if (this.closed) throw new NotCloneableError('a SharedMemory that was closed');
    let block: Block;
    try {
      block = this.#use();
    } catch (cause) {
      if (cause instanceof ResourceError) throw cause;
      throw new NotCloneableError(`a SharedMemory that cannot be used: ${(cause as Error).message}`, { cause });
    }
    forgotten.unregister(this);
    const { fd, id, size, path } = block;
    return { kind: 'processes/SharedMemory', parts: { pid: process.pid, fd, id, size, path, name: this.name } };
  }

  #use(): Block {
    if (this.#block !== undefined) return this.#block;
    if (this.#error !== undefined) throw this.#error;
    if (this.#parts === undefined) throw new ConnectionClosedError('The block was closed here');
    try {
      return this.#has(openParts(this.#parts));
    } catch (error) {
      if (!(error instanceof ResourceError)) {
        this.#error = error as Error;
        this.#parts = undefined;
      }
      throw error;
    }
  }

  #has(block: Block): Block {
    this.#block = block;
    this.#parts = undefined;
    forgotten.register(this, block.fd, this);
    return block;
  }

  #within(what: string, offset: number, length: number): void {
    const right = whole(0, this.size)(offset) === undefined && whole(0, this.size - offset)(length) === undefined;
    if (!right) throw new OptionError(`SharedMemory.${what}: ${length} bytes from ${offset} on are not in a block of ${this.size}`);
  }
}

function demand(where: string, shared: boolean | undefined): void {
  const { reason } = SharedMemory.support();
  if (shared && reason !== undefined)
    throw new OptionError(`${where}: option "shared" expects memory that can be shared, and here ${reason}`);
}

function checked(where: string, name: string): string {
  if (NAME.test(name)) return name;
  throw new OptionError(
    `${where}: a name expects 1 to 200 letters, digits, ".", "_" or "-", and no "." first; got ${JSON.stringify(name)}`,
  );
}

function removeName({ path, id }: Block): void {
  if (path === undefined) return;
  removeFile(path, id);
  dropName(path, id);
}

function allocate(size: number): ArrayBuffer {
  try {
    return new ArrayBuffer(size);
  } catch (error) {
    throw new TooLargeError(`There is no memory for a copy of ${size} bytes`, { cause: error });
  }
}
