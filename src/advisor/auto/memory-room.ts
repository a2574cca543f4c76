import { freeMemory } from '../free-memory.js';

/** What a thread costs before its calls have used anything, in bytes. */
const BARE = 32 * 2 ** 20;
/** The part of what is free that is not given away. */
const KEEP = 0.2;

/** How many bytes may be taken without leaving nothing to anybody. */
export const memoryRoom = (): number => freeMemory() * (1 - KEEP);

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
