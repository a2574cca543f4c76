import { joinStacks } from '../futures/index.js';
import { ToPool } from '../wire/index.js';
import { isTime } from './fault-in.js';
import type { ChunkPart, PoolCall } from './pool-call.js';

/**
 * Hands on what a worker says of the inputs of a chunk. @returns `false` if it cannot have said
 * that.
 */
export function takePart(call: PoolCall | undefined, kind: number, message: readonly unknown[]): boolean {
  const chunk = call?.chunk;
  const at = (chunk?.from ?? 0) + (message[2] as number);
  if (!call || !chunk || at + (kind === ToPool.PART ? (message[3] as ArrayLike<unknown>).length : 1) > chunk.to) return false;
  if (kind === ToPool.PART && chunk.from + (message[4] as number) > chunk.to) return false;
  if (call.future.settled) return true; // it was cancelled, and all of it has been answered for
  if (at !== chunk.answered) return false; // each input is answered once, in their order
  if (kind === ToPool.PART_FAILED) {
    chunk.answered = at + 1;
    chunk.over = chunk.stop;
    joinStacks(message[3], call.origin);
    chunk.sink.failed(at, message[3]);
  } else {
    const values = message[3] as ArrayLike<unknown>;
    chunk.answered = at + values.length;
    chunk.bound = chunk.from + (message[4] as number);
    if (values.length > 0) chunk.sink.values(at, values);
  }
  return true;
}

/** Whether a chunk may be over: each of its inputs was answered, or the worker may leave some. */
export const mayEnd = ({ future }: PoolCall, { answered, to, over, sink }: ChunkPart, ms: unknown): boolean =>
  isTime(ms) && (answered === to || over || sink.rest !== undefined || future.settled);
