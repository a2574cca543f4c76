import { currentRunning, Deque, keepContext, LazySignal, type Timer } from '../core/index.js';
import { type AnyFunction, Call, type CallOptions, type CallOwner, type Origin } from '../futures/index.js';

/** A call on this thread, and while it runs also what its own code sees. */
export class LocalCall extends Call {
  #context: LocalRun | undefined = undefined;
  /** The call from inside which this one was submitted, if that was still running. */
  readonly parent: LocalCall | undefined;
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

  constructor(owner: CallOwner, fn: AnyFunction, args: unknown[], options: CallOptions, origin: Origin) {
    super(owner, fn, args, options, origin);
    const around = currentRunning();
    if (around instanceof LocalRun && around.call.owner === owner && around.call.future.state === 'running') this.parent = around.call;
  }

  /** One for each attempt: the next one is not aborted with it. */
  get context(): LocalRun {
    this.#context ??= new LocalRun(this);
    return this.#context;
  }

  get lane(): Deque<LocalCall> {
    this.#lane ??= new Deque();
    return this.#lane;
  }

  get hasLane(): boolean {
    return this.#lane !== undefined;
  }

  again(): void {
    this.#context = undefined;
    this.tries++;
    this.requeue();
  }
}

/** What the code of a call sees of it. */
export class LocalRun extends LazySignal {
  readonly call: LocalCall;

  constructor(call: LocalCall) {
    super();
    this.call = call;
  }
}
