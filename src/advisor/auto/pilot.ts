import { bare, clock, type Timer } from '../../core/index.js';
import type { TaskExecutor } from '../../tasks/index.js';
import type { ThreadPoolExecutor } from '../../threads/index.js';
import type { Point } from '../advice.js';
import type { Outcome } from '../control/move.js';
import { Steering } from '../control/steering.js';
import { kindOf } from '../kind.js';
import { thisMachine } from '../machine.js';
import { type Recommendation, recommend } from '../recommend.js';
import { sharesOf } from '../shares.js';
import { Allowance } from './allowance.js';
import { CallWeight } from './call-weight.js';
import { type Decision, DecisionLog } from './decision.js';
import type { Gate } from './gate.js';
import type { Lane } from './lane.js';
import { Meter, Readings } from './meter.js';
import { StepwiseSize } from './stepwise-size.js';

/** The most calls in progress if nobody says. */
const MOST = 1024;
/** How often it looks, in ms: more often until it is settled where the work belongs. */
const [SOON, LATER] = [25, 100];
/** A thread whose loop is not idle for this share of the time has no room left. */
const HELD = 0.85;
/** A function whose calls leave so much room keeps no thread busy. */
const LIGHT = 0.25;
/** And with this, more calls in flight would only wait. */
const FULL = 0.95;
/** What it takes to have threads at work, in ms: their start, and that they take processor time from the calls meanwhile. */
const START = 120;
/** Without knowing how much is left: after so many times that, as much again can be expected. */
const PATIENCE = 2;
/** How many threads for each core are started at once. */
const LEAP = 4;
/** How much more threads have to promise to be worth it. */
const WORTH = 1.2;
/** Calls shorter than this, in ms, cost more to send than to make. */
const TINY = 0.02;
/** When inputs may travel together: loops that are so busy, or calls that are so short, in ms. */
const CHUNKS = { busy: 0.6, ms: 1 };
/** If more than this share of calls is refused, there is nothing to be seen of them. */
const MOSTLY = 0.5;
const LONGEST_REST = 400;
/** Before that, in ms of measurement and in calls, it does not judge. */
const [ENOUGH, FEWEST] = [120, 5];
/** How much a new measurement says against all before it. */
const NEW = 0.3;

export interface PilotOptions {
  maxWorkers: number | undefined;
  maxConcurrency: number | undefined;
  memoryLimit: number | undefined;
  isolate: boolean;
  start: Partial<Point> | undefined;
  onDecision: ((decision: Decision) => void) | undefined;
}

/** What is steered. */
export interface Site {
  readonly lane: Lane;
  readonly here: TaskExecutor;
  readonly gate: Gate | undefined;
  /** Made at its first use. */
  pool(): ThreadPoolExecutor | undefined;
  /** Whether something waits here of which it is not known that it cannot go to threads. */
  mayMove(): boolean;
  /** Finds out whether something of what waits here can go, and says of what cannot why. */
  canMove(): Promise<boolean>;
  /** Sends to threads what waits here and can go. */
  move(): void;
  /** Calls that started since it was told last left this thread much room, or none. */
  lastWere(light: boolean): void;
}

/**
 * Decides where an AutoExecutor is on the plane: looks at the clock, the loops and the processors while calls are in progress, asks `Steering`, and carries out what that says. It holds no timer
 * while there is nothing to do.
 */
export class Pilot {
  readonly log: DecisionLog;
  readonly #site: Site;
  readonly #steering: Steering;
  readonly #meter = new Meter();
  readonly #size: StepwiseSize;
  readonly #allowance: Allowance;
  readonly #machine = thisMachine();
  /** Since work came, or moved: what it is judged by. */
  readonly #seen = new Readings();
  #isHere: boolean;
  #point: Point;
  /** Calls handed over and not ended. */
  #out = 0;
  #done = 0;
  #refused = 0;
  /** Whether most of what ended of late was refused: what that costs is no work. */
  #areRefused = false;
  /** For how long nothing was asked of whoever refuses, in ms. */
  #rest = 0;
  /** Calls that ended since the workers were read last. */
  #unread = 0;
  #took = 0;
  #lookedAt = 0;
  #heldFor = 0;
  #heldDone = 0;
  #judged = false;
  #moving = false;
  #timer: Timer | undefined;
  #began: number | undefined;
  readonly #weight = new CallWeight();
  /** How many were up at the last look. */
  #threads = 0;
  /** How busy the loops of the workers were at the last look. */
  #busy = 0;
  #reasons: string[] = [];
  readonly #mostWorkers: number;
  readonly #mostInFlight: number;
  #bounded: number;

  constructor(options: PilotOptions, site: Site) {
    const { maxWorkers, maxConcurrency, isolate, start, memoryLimit, onDecision } = options;
    this.#site = site;
    this.#size = new StepwiseSize(site.gate);
    this.log = new DecisionLog(onDecision);
    const workers = start?.workers ?? 1;
    this.#isHere = !isolate && (start?.on === undefined ? workers === 1 : start.on === 'tasks');
    const { cores } = this.#machine;
    this.#mostInFlight = maxConcurrency ?? MOST;
    this.#mostWorkers = this.#bounded = Math.min(maxWorkers ?? Math.max(32, cores), maxConcurrency ?? Number.POSITIVE_INFINITY);
    this.#steering = new Steering({
      cores,
      workers: bare({ most: this.#mostWorkers, start: workers }),
      // A worker that dies takes along what else is in progress in it: on threads it begins with one call.
      inFlight: bare({ most: this.#mostInFlight, start: workers * (start?.concurrency ?? (isolate ? 1 : 2)) }),
      onMove: ({ reason }) => this.#reasons.push(reason),
    });
    this.#allowance = new Allowance(cores, memoryLimit);
    this.#point = this.#isHere ? { on: 'tasks', workers: 1, concurrency: this.#steering.inFlight } : this.#pointThere();
    this.#limitHere();
  }

  /** About how long a call takes, in ms. */
  get took(): number {
    return this.#took;
  }

  /** Whether maps begin on this thread. */
  get isHere(): boolean {
    return this.#isHere;
  }

  get point(): Point {
    return this.#point;
  }

  /** Whether inputs may travel together: those of a chunk wait for each other, so only where a loop is held by them anyway, or they are very short. */
  get mayChunk(): boolean {
    return this.#isHere || (this.#point.concurrency === 1 && (this.#busy >= CHUNKS.busy || this.#took < CHUNKS.ms));
  }

  /** The size of a pool that is made now. */
  poolSize(): { workers: number; concurrency: number } {
    return this.#size.begin(this.#sizeThere());
  }

  /** Calls are handed over. @returns when. */
  begin(calls: number): number {
    const at = clock.now();
    this.#out += calls;
    if (this.#timer === undefined) this.#start(at);
    this.#running(at);
    return at;
  }

  /** @param took How long one of them took, in ms, if that was measured. */
  ended(calls: number, took: number | undefined, outcome: Outcome = 'ok'): void {
    const at = clock.now();
    // What waited in a queue took longer than its own time.
    const ms = took === undefined || this.#out > this.#steering.inFlight ? this.#took : took;
    this.#done += calls;
    this.#out -= calls;
    if (outcome === 'pushback') this.#refused += calls;
    this.#steering.ended(at, ms, outcome, calls);
    this.#running(at);
  }

  dropped(calls: number): void {
    this.#out -= calls;
    this.#running(clock.now());
  }

  /** Something that is not a move, but whoever reads the decisions should know. */
  note(reason: string): void {
    this.#log(this.#point, reason);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#allowance.leave();
  }

  /** What is handed over beyond the limit waits in a queue. */
  #running(at: number): void {
    this.#steering.running(at, Math.min(this.#out, this.#steering.inFlight));
  }

  #start(at: number): void {
    this.#began ??= at;
    this.#lookedAt = at;
    this.#heldFor = this.#heldDone = 0;
    this.#meter.restart(this.#isHere ? [] : (this.#site.pool()?.usage() ?? []));
    this.#next();
  }

  #next(): void {
    this.#timer = clock.after(
      this.#isHere || !this.#judged ? SOON : LATER,
      () => {
        this.#timer = undefined;
        this.#look();
        if (this.#out > 0) this.#next();
        else this.#allowance.leave();
      },
      true,
    );
  }

  #look(): void {
    const at = clock.now();
    const ms = at - this.#lookedAt;
    const done = this.#done;
    this.#lookedAt = at;
    this.#areRefused = done === 0 ? this.#areRefused : this.#refused > MOSTLY * done;
    this.#done = this.#refused = 0;
    // Little's law: what is in progress, over what ends in a ms.
    const took = done > 0 ? (Math.min(this.#out + done, this.#steering.inFlight) * ms) / done : Math.max(this.#took, ms);
    this.#took = this.#took === 0 ? took : this.#took + NEW * (took - this.#took);
    if (this.#isHere) this.#lookHere(at, done);
    else this.#lookThere(at, done);
  }

  #lookHere(at: number, done: number): void {
    const { lane } = this.#site;
    const queued = this.#site.pool()?.stats().queued ?? 0;
    if (queued > 0 && !this.#moving) return this.turnThere(`${queued} calls wait for a thread`);
    const reading = this.#meter.here();
    this.#steering.isFull = reading.busy >= FULL * reading.wall;
    this.#steering.tick(at);
    const limit = this.#steering.inFlight;
    this.#limitHere();
    this.#giveRest(at, done, limit);
    lane.launch();
    this.#settle({ on: 'tasks', workers: 1, concurrency: limit });
    if (done > 0 && reading.busy < LIGHT * reading.wall) this.#site.lastWere(true);
    else if (reading.busy >= HELD * reading.wall) this.#site.lastWere(false);
    if (this.#moving) return;
    if (this.#areRefused || reading.busy < HELD * reading.wall || !this.#site.mayMove()) {
      this.#heldFor = this.#heldDone = 0;
      this.#seen.clear();
      return;
    }
    this.#seen.add(reading, done);
    this.#heldFor += reading.wall;
    this.#heldDone += done;
    if (this.#heldDone === 0) return;
    const each = this.#heldFor / this.#heldDone;
    // What a map itself costs would not go away with the calls.
    if (Math.min(each, lane.each ?? each) >= TINY) this.#considerThreads(each);
  }

  /** Whoever refuses even one call at a time is not asked all the time: each answer costs an input. */
  #giveRest(at: number, done: number, limit: number): void {
    if (done === 0) return;
    this.#rest = this.#areRefused && limit === 1 ? Math.min(LONGEST_REST, Math.max(SOON, 2 * this.#rest)) : 0;
    this.#site.lane.restUntil = at + this.#rest;
  }

  /** This thread has no room left: would threads be worth their start? */
  #considerThreads(each: number): void {
    const { lane } = this.#site;
    const prediction = this.#recommended(each).predictions.find(({ on }) => on === 'threads');
    if (prediction === undefined) return;
    const workers = this.#leap(prediction.workers);
    const speedup = (prediction.speedup * workers) / prediction.workers;
    if (speedup < WORTH) return;
    const { beyond } = lane;
    const left = beyond === undefined ? undefined : (lane.waiting + beyond) * each;
    const pays = left === undefined ? this.#heldFor >= PATIENCE * START : left > START + (left / speedup) * WORTH;
    if (!pays) return;
    const more =
      left === undefined ? `has been held for ${Math.round(this.#heldFor)} ms` : `would be held for another ${Math.round(left)} ms`;
    this.#move(
      workers,
      `this thread ${more} by calls of ${each.toFixed(each < 10 ? 1 : 0)} ms: ${workers} threads should do ${speedup.toFixed(1)} times as many`,
    );
  }

  async #move(workers: number, reason: string): Promise<void> {
    this.#moving = true;
    const can = await this.#site.canMove();
    this.#moving = false;
    this.#heldFor = this.#heldDone = 0;
    this.#seen.clear();
    // Calls have gone on meanwhile.
    if (!can || !this.#isHere || !this.#site.mayMove()) return;
    this.#busy = 1;
    this.#judged = true;
    this.#leave({ workers, inFlight: workers, reason });
    this.#steering.isFull = true; // until the threads are up and say otherwise
    this.#site.move();
  }

  /** Calls go to threads one by one: what is steered is there from now on. */
  turnThere(reason: string): void {
    if (!this.#isHere) return;
    this.#judged = false;
    this.#seen.clear();
    this.#reasons.push(reason);
    this.#leave(bare({ reason }));
  }

  /** From now on threads are steered, and no more this one. */
  #leave(to: Parameters<Steering['moved']>[1]): void {
    this.#isHere = false;
    this.#steering.moved(clock.now(), to);
    this.#settle(this.#pointThere());
    this.#resize();
    this.#meter.restart(this.#site.pool()?.usage() ?? []);
  }

  #lookThere(at: number, done: number): void {
    const pool = this.#site.pool();
    const reading = this.#meter.there(pool?.usage() ?? []);
    const { threads, wall, busy, thread } = reading;
    const { workers, concurrency } = this.#point;
    this.#unread += done;
    if (threads !== this.#threads) this.#weight.forget();
    this.#threads = threads;
    if (threads === 0 || wall <= 0 || this.#areRefused) this.#steering.tick(at);
    else {
      const cpu = thread === undefined ? undefined : Math.min(threads, (threads * thread) / wall);
      this.#allowance.saw(cpu ?? (threads * busy) / wall);
      this.#busy = busy / wall;
      const queued = Math.max(0, this.#out - workers * concurrency);
      this.#steering.tick(at, { workers: threads, busy: busy / wall, cpu, queued, available: reading.available });
      if (queued > 0) this.#watchForOther(at, busy, this.#unread);
      if (!this.#judged) this.#judge(at, reading, this.#unread);
      this.#unread = 0;
    }
    this.#bound(at);
    this.#settle(this.#pointThere());
    this.#resize();
    // What cannot travel goes on here.
    this.#limitHere();
    this.#site.lane.launch();
  }

  /** Work that has become other work is not steered step by step to where that belongs, but looked at anew. */
  #watchForOther(at: number, busy: number, done: number): void {
    const turned = this.#weight.saw(busy, done);
    if (turned === 'lighter') {
      this.#steering.moved(
        at,
        bare({
          inFlight: 2 * this.#steering.inFlight,
          reason: `a call holds its loop for only ${(busy / done).toFixed(1)} ms now: other work`,
        }),
      );
    } else if (turned === 'heavier') {
      this.#judged = false;
      this.#seen.clear();
    }
  }

  /** Work that began on threads, before anything was known of it: as soon as enough is, it goes to where such work belongs. */
  #judge(at: number, reading: Parameters<Readings['add']>[0], done: number): void {
    this.#seen.add(reading, done);
    const { wall, busy, done: calls } = this.#seen;
    if (wall < ENOUGH || calls < FEWEST) return;
    this.#judged = true;
    if (busy < HELD * wall) return; // there is room in the loops: calls in flight are found by trying
    const { point } = this.#recommended(wall / calls);
    const workers = Math.max(Math.min(this.#bounded, this.#steering.workers), point.on === 'threads' ? this.#leap(point.workers) : 1);
    const inFlight = workers * Math.max(1, point.concurrency);
    if (workers === this.#steering.workers && inFlight >= this.#steering.inFlight) return;
    this.#steering.moved(at, {
      workers,
      inFlight,
      reason: `its loop is held for ${Math.round((100 * busy) / wall)} % of the time: ${workers} thread${workers === 1 ? '' : 's'}`,
    });
  }

  /** Every thread takes processor time to start: beyond some for each core, they come step by step, as they show that they pay. */
  #leap(workers: number): number {
    return Math.min(workers, this.#bounded, LEAP * this.#machine.cores);
  }

  #recommended(each: number): Recommendation {
    const shares = sharesOf(this.#seen, 1);
    return recommend(bare({ shares, ms: each, kind: kindOf(shares, each).kind }), this.#machine);
  }

  /** Others of this process may want cores, and memory has an end. */
  #bound(at: number): void {
    const now = this.#point.workers;
    const most = Math.min(this.#mostWorkers, this.#allowance.most(this.#steering.workers, now));
    if (most === this.#bounded) return;
    this.#bounded = most;
    this.#steering.bound(at, most, `no more than ${most} now: ${this.#allowance.reason}`);
  }

  #sizeThere(): { workers: number; concurrency: number } {
    const { workers, concurrency } = this.#pointThere();
    return { workers, concurrency };
  }

  #limitHere(): void {
    const { inFlight } = this.#steering;
    this.#site.lane.limit = inFlight;
    this.#site.here.resize({ concurrency: inFlight });
  }

  #resize(): void {
    this.#site.pool()?.resize(this.#size.next(this.#sizeThere()));
  }

  #pointThere(): Point {
    const { workers, inFlight } = this.#steering;
    // Rounded up: a step from 2 to 3 in flight on two workers would else be none. But never more than is allowed.
    const wanted = Math.min(Math.ceil(inFlight / workers), Math.floor(this.#mostInFlight / workers));
    return { on: 'threads', workers, concurrency: Math.max(1, wanted) };
  }

  #settle(point: Point): void {
    const reasons = this.#reasons;
    this.#reasons = [];
    const before = this.#point;
    this.#point = Object.freeze(point);
    if (reasons.length > 0) this.#log(before, [...new Set(reasons)].join('; '));
  }

  #log(from: Point, reason: string): void {
    const at = clock.now();
    this.#began ??= at;
    this.log.add({ at: at - this.#began, from, to: this.#point, reason });
  }
}
