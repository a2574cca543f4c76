import { freemem, totalmem } from 'node:os';

/** What a thread costs before its calls have used anything, in bytes. */
const BARE = 32 * 2 ** 20;
/** The part of what is free that is not given away. */
const KEEP = 0.2;

/** How many bytes this process may still take: what its container, or the machine, has left. */
export function memoryRoom(): number {
  // Elsewhere what is free leaves out what the system would give up at once, which is most of it.
  if (process.platform !== 'linux' && process.platform !== 'win32') return totalmem() / 2;
  // From Node 20.13 on, and in the types of a later one.
  const available = (process as { availableMemory?(): number }).availableMemory?.() ?? freemem();
  return Math.max(0, available * (1 - KEEP));
}

/**
 * How many workers fit into the memory.
 *
 * @param grown What the process has taken since there were none, in bytes.
 * @param room What it may still take, in bytes.
 */
export function workersThatFit(now: number, grown: number, room: number, memoryLimit: number | undefined): number {
  const each = Math.max(BARE, memoryLimit ?? (now > 0 ? grown / now : 0));
  return Math.max(1, now + Math.floor(room / each));
}
