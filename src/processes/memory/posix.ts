import { TooLargeError } from '../../core/index.js';
import { codeOf } from './code-of.js';
import { openTheirs } from './files.js';
import type { Koffi, Native } from './native.js';

const READ_WRITE = 1 | 2;
const SHARED = 1;
const PRIVATE = 2;
const FIXED = 0x10;
const CLOEXEC = 1;
const ALLOW_SEALING = 2;
const ADD_SEALS = 1033;
/** Nobody may shrink it, or take this seal off: to touch what is no longer there ends a process. */
const SEALS = 1 | 2;
const HUGE = 14;
const PAGE = 4096n;
/** `-1` as an address. */
const FAILED = 2n ** 64n - 1n;

/** What differs between the systems, by `process.platform`. */
const systems = new Map([
  ['linux', { empty: 0x20 | 0x4000, linux: true }],
  ['darwin', { empty: 0x1000 | 0x40, linux: false }],
]);
/** Where a `size_t` and an offset are eight bytes. */
const wide = ['x64', 'arm64', 'riscv64', 'loong64', 'ppc64'];

/** Why there is no native part for this system; `undefined` if there is one. */
export const lacking = (): string | undefined =>
  systems.has(process.platform) && wide.includes(process.arch) ? undefined : `${process.platform} on ${process.arch} is not provided for`;

/**
 * The native part on Linux and macOS.
 *
 * @throws {Error} if the C library lacks what is needed, or koffi does.
 */
export function bindPosix(koffi: Koffi): Native {
  const system = systems.get(process.platform) as { empty: number; linux: boolean };
  const libc = koffi.load(null);
  const mmap = libc.func('void *mmap(uintptr_t, size_t, int, int, int, int64_t)') as (
    at: bigint,
    size: number,
    protection: number,
    flags: number,
    fd: number,
    offset: number,
  ) => unknown;
  const release = ({ address, size }: { address: bigint; size: number }): void => {
    mmap(address, size, READ_WRITE, PRIVATE | FIXED | system.empty, -1, 0);
  };
  // A buffer whose memory was handed to another (`ArrayBuffer.prototype.transfer`) may be collected before that other. So the addresses are not given
  // back: the block's memory is, and empty pages take its place, which cost nothing. Who still looks there sees zeros, and does not crash.
  const mapped = new FinalizationRegistry(release);
  const native: Native = {
    memoryFile: () => undefined,
    keepSize: () => undefined,
    map(fd, size) {
      const at = mmap(0n, size, READ_WRITE, SHARED, fd, 0);
      if (at === FAILED) throw new TooLargeError(`A block of ${size} bytes cannot be mapped: the system gave error ${koffi.errno()}`);
      const buffer = koffi.view(at, size);
      mapped.register(buffer, { address: koffi.address(buffer), size });
      return buffer;
    },
    adviseHuge: () => undefined,
  };
  if (!system.linux) return native;

  const create = libc.func('int memfd_create(const char *, unsigned int)') as (name: string, flags: number) => number;
  const close = libc.func('int close(int)') as (fd: number) => number;
  const control = libc.func('int fcntl(int, int, int)') as (fd: number, command: number, value: number) => number;
  const advise = libc.func('int madvise(uintptr_t, size_t, int)') as (at: bigint, size: bigint, advice: number) => number;
  return {
    ...native,
    memoryFile() {
      const fd = create('meantime', CLOEXEC | ALLOW_SEALING);
      if (fd === -1) return undefined;
      try {
        // Node closes what a thread has opened when that ends, if it knows of it.
        return openTheirs(process.pid, fd);
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return undefined; // there is no /proc
        throw error;
      } finally {
        close(fd);
      }
    },
    keepSize(fd) {
      // A file with a name cannot be sealed, and it does no harm to have asked.
      control(fd, ADD_SEALS, SEALS);
    },
    adviseHuge(buffer) {
      const start = koffi.address(buffer);
      const from = (start + PAGE - 1n) & -PAGE;
      const to = (start + BigInt(buffer.byteLength)) & -PAGE;
      if (to > from) advise(from, to - from, HUGE);
    },
  };
}
