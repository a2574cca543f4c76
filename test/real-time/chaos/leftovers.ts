import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/*
 * What a process has, as the kernel tells it. Only Linux does.
 */

export const canCount = process.platform === 'linux';

/** What this variable is set to, every process below has: also one whose parent is gone. */
export const MARK = 'MEANTIME_CHAOS_RUN';

const numbers = (folder: string) => readdirSync(folder).filter((name) => /^\d+$/.test(name));

/** What cannot be read went while it was looked at. */
function read<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/** Process -> what runs in it. Without those that have ended and were not yet asked about. */
function processes(): Map<number, { parent: number; command: string }> {
  const all = new Map<number, { parent: number; command: string }>();
  for (const pid of numbers('/proc')) {
    const stat = read(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
    if (stat === undefined) continue;
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || state === 'X') continue;
    const command = read(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')) ?? '';
    all.set(Number(pid), { parent: Number(parent), command: command.replaceAll('\0', ' ').trim() });
  }
  return all;
}

/** The children of this process. */
export const children = (): number[] => [...processes()].filter(([, { parent }]) => parent === process.pid).map(([pid]) => pid);

/** Every process that comes from this run, this one excepted. */
export function descendants(): string[] {
  const mark = `${MARK}=${process.env[MARK]}`;
  const found: string[] = [];
  for (const [pid, { parent, command }] of processes()) {
    if (pid === process.pid) continue;
    const environment = read(() => readFileSync(`/proc/${pid}/environ`, 'utf8')) ?? '';
    if (parent === process.pid || environment.split('\0').includes(mark)) found.push(`process ${pid}: ${command}`);
  }
  return found;
}

const threads = (): number => readdirSync('/proc/self/task').length;

const kindOf = (link: string): string => link.replace(/\[?\d+\]?$/, '');

/** Kind of descriptor -> how many. */
function descriptors(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const fd of numbers('/proc/self/fd')) {
    const link = read(() => readlinkSync(`/proc/self/fd/${fd}`));
    if (link !== undefined) counts.set(kindOf(link), (counts.get(kindOf(link)) ?? 0) + 1);
  }
  return counts;
}

/** Mapped blocks that have no name, or one in /dev/shm. */
const blocks = (): number =>
  readFileSync('/proc/self/maps', 'utf8')
    .split('\n')
    .filter((line) => /\/dev\/shm\/|\/memfd:/.test(line)).length;

export interface Belongings {
  readonly threads: number;
  readonly descriptors: ReadonlyMap<string, number>;
  readonly shared: ReadonlySet<string>;
  readonly blocks: number;
}

export const belongings = (): Belongings => ({
  threads: threads(),
  descriptors: descriptors(),
  shared: new Set(readdirSync('/dev/shm')),
  blocks: blocks(),
});

/** What is there now and was not before, in words. */
export function leftSince(before: Belongings): string[] {
  const now = belongings();
  const found = descendants();
  if (now.threads > before.threads) found.push(`${now.threads - before.threads} threads`);
  for (const [kind, count] of now.descriptors) {
    const extra = count - (before.descriptors.get(kind) ?? 0);
    if (extra > 0) found.push(`${extra} descriptors: ${kind}`);
  }
  // Other programs may use that folder, too: only what has this process's number in its name is known to be its own.
  for (const name of now.shared) if (!before.shared.has(name) && name.includes(`${process.pid}`)) found.push(`/dev/shm/${name}`);
  if (now.blocks > before.blocks) found.push(`${now.blocks - before.blocks} shared blocks`);
  return found;
}
