import { Deque, keepContext, type Timer } from '../core/index.js';
import { type AnyFunction, Call, type CallOptions, type CallOwner, type FutureCell, type Origin } from '../futures/index.js';
import { currentScope } from './current.js';
import type { ChunkPart, LocalChunk } from './local-chunk.js';
import { Scope } from './scope.js';

/** A call on this thread. */
export class LocalCall extends Call {
  /** The chunk of a map that it works on, if it is a part of one. */
  chunk: LocalChunk | undefined = undefined;
  part: ChunkPart | undefined = undefined;
  /** What runs it; one for each attempt. */
  scope: LocalRun | undefined = undefined;
  /** The call from inside which this one was submitted, if that was still running; or, once that has ended, the nearest around it that has not. */
  parent: LocalCall | undefined;
  /** Whether it takes a place: also when it has been cancelled, until it has let go. */
  hasSlot = false;
  /** Whether it waits in its parent's lane, not in the queue. */
  inLane = false;
  /** Whether it runs on its parent's slot. */
  onLane = false;
  /** What was submitted from inside it and waits for its lane. */
  #lane: Deque<LocalCall> | undefined = undefined;
  laneTaken = false;
  startedAt = 0;
  /** The context in which it was submitted: it runs in that of its own caller, not of whoever freed the slot. */
  readonly within = keepContext();
  timer: Timer | undefined;

  constructor(owner: CallOwner, fn: AnyFunction, args: unknown[], options: CallOptions, origin: Origin, cell?: FutureCell<unknown>) {
    super(owner, fn, args, options, origin, cell);
    this.parent = callAround(owner);
  }

  get lane(): Deque<LocalCall> {
    this.#lane ??= new Deque();
    return this.#lane;
  }

  get hasLane(): boolean {
    return this.#lane !== undefined;
  }

  again(): void {
    this.scope = undefined;
    this.tries++;
    this.requeue();
  }
}

/** The call of that executor from inside which this is called, if it still has its place. */
export function callAround(owner: CallOwner): LocalCall | undefined {
  for (let at: Scope | undefined = currentScope(); at !== undefined; at = at.outer) {
    if (at instanceof LocalRun && at.call.owner === owner && at.call.hasSlot) return at.call;
  }
  return undefined;
}

/** One attempt of a call: what it waits for ends with it, and it ends after all that goes on inside it. */
export class LocalRun extends Scope {
  readonly call: LocalCall;
  readonly #ended: (ok: boolean, value: unknown) => void;

  constructor(call: LocalCall, ended: (ok: boolean, value: unknown) => void) {
    super(undefined);
    this.call = call;
    this.#ended = ended;
  }

  override get title(): string {
    return `call of ${this.call.name}`;
  }

  override border(ok: boolean, value: unknown): void {
    this.finish(ok ? 'fulfilled' : 'rejected', value, true);
    this.#ended(ok, value);
  }
}
