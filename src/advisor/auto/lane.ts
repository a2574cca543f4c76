import { clock, Deque } from '../../core/index.js';
import type { Gate } from './gate.js';
import type { Send, SplitChunk } from './split-chunk.js';

/** How long a slice should take, in ms: after it, what is left can go elsewhere, and this thread can do other things. */
const SLICE = 4;
/** How much a new measurement says against all before it. */
const NEW = 0.3;
/** A slice of a few microseconds says little about one sixteen times as long, and nothing about more. */
const LEAP = 16;

/** Chunks of maps that run on this thread slice by slice, first come first served, so that what is left can be taken elsewhere at any time. */
export class Lane {
  /** How many calls may be in progress. */
  limit = 1;
  /** Until then, in ms on the clock, nothing is started. Whoever sets it launches again. */
  restUntil = 0;
  readonly #send: Send;
  readonly #gate: Gate | undefined;
  readonly #waiting = new Deque<SplitChunk>();
  #out = 0;
  #each: number | undefined;
  #slice = 1;
  #launching = false;
  /** Room that was waited for and is not in use yet. */
  #room = 0;
  #asked = false;

  /** @param gate If it is there, each call needs room there too. */
  constructor(send: Send, gate?: Gate) {
    this.#send = send;
    this.#gate = gate;
  }

  /** What one call takes, in ms, while no more than `limit` are in progress. */
  get each(): number | undefined {
    return this.#each;
  }

  /** Inputs that have not been started. */
  get waiting(): number {
    let waiting = 0;
    for (const chunk of this.#waiting) waiting += chunk.left;
    return waiting;
  }

  /** Whether it has nothing to do. */
  get isIdle(): boolean {
    return this.#out === 0 && this.#first() === undefined;
  }

  /** Inputs of the same maps that have not come here yet; `undefined` if that is not known of one of them. */
  get beyond(): number | undefined {
    let all = 0;
    const seen = new Set<unknown>();
    for (const chunk of this.#waiting) {
      const { beyond } = chunk;
      if (beyond === undefined) return undefined;
      if (!seen.has(chunk.fn)) all += beyond;
      seen.add(chunk.fn);
    }
    return all;
  }

  /** The functions whose inputs wait here. */
  get functions(): Set<SplitChunk['fn']> {
    const all = new Set<SplitChunk['fn']>();
    for (const chunk of this.#waiting) all.add(chunk.fn);
    return all;
  }

  add(chunk: SplitChunk): void {
    this.#waiting.push(chunk);
    this.launch();
  }

  /** Starts what there is room for. */
  launch(): void {
    if (this.#launching || (this.restUntil > 0 && clock.now() < this.restUntil)) return;
    this.#launching = true;
    try {
      this.#start();
    } finally {
      this.#launching = false;
    }
  }

  #start(): void {
    for (let chunk = this.#first(); chunk !== undefined; chunk = this.#first()) {
      const { n, room } = this.#admitted(Math.min(chunk.left, this.#slice));
      if (n === 0) break;
      this.#out += n;
      chunk.send(n, this.#send, (ms) => this.#landed(n, ms, room));
    }
    this.#giveRoom();
  }

  #giveRoom(): void {
    const room = this.#room;
    this.#room = 0;
    if (room > 0) this.#gate?.give(room);
  }

  /** Takes out the chunks that have inputs left which have not been started. */
  takeAll(which: (fn: SplitChunk['fn']) => boolean = () => true): SplitChunk[] {
    const all: SplitChunk[] = [];
    for (let n = this.#waiting.size; n > 0; n--) {
      const chunk = this.#waiting.shift() as SplitChunk;
      if (chunk.left === 0) continue;
      if (which(chunk.fn)) all.push(chunk);
      else this.#waiting.push(chunk);
    }
    return all;
  }

  #first(): SplitChunk | undefined {
    for (let chunk = this.#waiting.peek(); chunk !== undefined; chunk = this.#waiting.peek()) {
      if (chunk.left > 0) return this.#out === 0 || this.#out < this.limit ? chunk : undefined;
      this.#waiting.shift();
    }
    return undefined;
  }

  /** How many of `n` calls may be started now, and how much room they take. If none, it is launched again when one may. */
  #admitted(n: number): { n: number; room: number } {
    const gate = this.#gate;
    if (gate === undefined) return { n, room: 0 };
    // With all room there is, any number may go.
    if (n > 1 && this.#out === 0) {
      this.#giveRoom();
      if (gate.takeAll()) return { n, room: gate.most };
    }
    const wanted = Math.min(n, Math.max(1, this.limit - this.#out));
    const had = Math.min(wanted, this.#room);
    this.#room -= had;
    const room = had + gate.take(wanted - had);
    if (room === 0 && !this.#asked) {
      this.#asked = true;
      gate.enter('here', () => {
        this.#asked = false;
        this.#room++;
        clock.soon(() => this.launch()); // others may have ended in the same turn
      });
    }
    return { n: room, room };
  }

  #landed(n: number, ms: number, room: number): void {
    this.#out -= n;
    this.#gate?.give(room);
    // Those of a slice go side by side, as far as the limit lets them.
    const each = ms / Math.ceil(n / this.limit);
    this.#each = this.#each === undefined ? each : this.#each + NEW * (each - this.#each);
    const fits = Math.floor(SLICE / Math.max(this.#each, 1e-5));
    this.#slice = Math.max(1, Math.min(fits, n * LEAP));
    // Not from within: slices that end at once would pile up on the stack.
    clock.soon(() => this.launch());
  }
}
