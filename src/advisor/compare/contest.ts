import { clock, WorkerLostError } from '../../core/index.js';
import { told } from '../told.js';
import type { CompareProgress, Contender } from './comparison.js';
import { loopPass, loopPassHere, type Pass, poolPass, tasksPass, type Work } from './passes.js';
import type { Entry, Miss } from './rows.js';
import type { TimeLeft } from './time-left.js';

/** Which part of the whole time one pass of the plain loop may take before it is content with fewer inputs. There are some ten ways, most of them faster. */
const PART = 0.1;
/** The most that a way may take, in ms, where the plain loop says nothing about it. */
const UNKNOWN = 20_000;
/** If a pass takes so long, in ms, one round must do, or two. */
const [HEAVY, SLOW] = [10_000, 4_000];
const ROUNDS = 3;
/** Up to which length of a pass, in ms, workers are warmed up, and how long each of them is. */
const [SHORT, WARM_UP] = [2_000, 50];
/** A way that takes more than this many times as long as the plain loop, and so many ms, is ended. */
const [TIMES, PATIENCE] = [4, 5_000];
/** How long it computes for nothing before each round and after the last, in ms, to see how much of a core a thread gets here; with less than this it says so. */
const [SPIN, QUIET] = [50, 0.85];

/** What a contest is about. */
export interface ContestPlan {
  readonly work: Work;
  /** The ways to run so many inputs, one at a time first. */
  readonly contenders: (inputs: number) => Contender[];
  readonly rounds: number | undefined;
  /** As a whole, in ms. */
  readonly timeout: number;
  readonly onProgress: ((progress: CompareProgress) => void) | undefined;
}

/**
 * Runs the contenders in rounds, one after the other (A B C, A B C), so that what else the machine does meanwhile falls on all of them. The plain loop
 * goes first, and says whether the function returns at all, how long it takes, and what it answers.
 */
export class Contest {
  readonly #plan: ContestPlan;
  readonly #time: TimeLeft;
  readonly #passes = new Map<Contender, Pass[]>();
  readonly #misses = new Map<Contender, Miss>();
  #contenders: Contender[];
  #work: Work;
  /** Whether the plain loop runs on this thread. */
  #here: boolean;
  #rounds = ROUNDS;
  /** The number of the input that the plain loop is at, from 1. */
  readonly #position = new Int32Array(new SharedArrayBuffer(4));
  readonly #available: number[] = [];
  readonly notes: string[] = [];

  constructor(plan: ContestPlan, time: TimeLeft) {
    this.#plan = plan;
    this.#time = time;
    this.#work = plan.work;
    this.#here = plan.work.ref === undefined;
    this.#contenders = plan.contenders(plan.work.inputs.length);
  }

  get entries(): Entry[] {
    return this.#contenders.map((contender) => ({
      contender,
      passes: this.#passes.get(contender) ?? [],
      miss: this.#misses.get(contender),
    }));
  }

  /** What the plain loop answered in its first pass. */
  get expected(): Pass['outcomes'] | undefined {
    return this.#passes.get(this.#loop)?.[0].outcomes;
  }

  /** How much of a core a thread that only computes has had, from 0 to 1. */
  get availability(): number {
    return Math.min(1, this.#available.reduce((sum, each) => sum + each, 0) / this.#available.length);
  }

  /** How many inputs each pass runs. */
  get inputs(): number {
    return this.#work.inputs.length;
  }

  /** How many rounds were begun. */
  rounds = 0;

  get #loop(): Contender {
    return this.#contenders[0];
  }

  async run(): Promise<void> {
    const began = clock.now();
    this.rounds = 1;
    this.#spin();
    await this.#firstPass();
    for (const contender of this.#contenders.slice(1)) await this.#turn(contender, 1);
    const { rounds } = this.#plan;
    const each = clock.now() - began;
    // Rounds that nobody asked for must not be what time runs out on.
    if (rounds === undefined) this.#rounds = Math.min(this.#rounds, 1 + Math.max(0, Math.floor((0.9 * this.#time.left) / each)));
    for (let round = 2; round <= this.#rounds && !this.#time.over; round++) {
      this.rounds = round;
      this.#spin();
      for (const contender of this.#contenders) await this.#turn(contender, round);
    }
    this.#spin();
    const { availability } = this;
    if (availability < QUIET) {
      this.notes.push(
        `This machine is busy: a thread that only computes gets ${Math.round(100 * availability)} % of a core. On a quiet one the figures would be others.`,
      );
    }
    this.#giveReasons();
  }

  #spin(): void {
    const cpu = process.cpuUsage();
    const began = clock.now();
    while (clock.now() < began + SPIN);
    const { user, system } = process.cpuUsage(cpu);
    this.#available.push((user + system) / 1000 / (clock.now() - began));
  }

  async #firstPass(): Promise<void> {
    const { timeout, rounds } = this.#plan;
    const { length } = this.#work.inputs;
    if (this.#time.over) return;
    this.#tell(this.#loop, 1, undefined);
    const pass = await this.#attempt(this.#loop, PART * timeout, timeout / 2);
    this.#rounds = rounds ?? ROUNDS;
    if (pass === undefined) return;
    const done = pass.outcomes.length;
    if (done < length) {
      this.notes.push(
        `Only the first ${done} of ${length} inputs were run: one at a time they take ${seconds(pass.ms)}. A longer timeout runs more.`,
      );
      this.#shorten(done);
    }
    this.#keep(this.#loop, pass);
    const warm = await this.#warm(pass);
    if (warm !== undefined) this.#passes.set(this.#loop, [warm]);
    if (rounds !== undefined) return;
    if (!answers(pass)) this.#rounds = 1;
    else if (pass.ms > SLOW) {
      this.#rounds = pass.ms > HEAVY ? 1 : 2;
      this.notes.push(`${this.#rounds === 1 ? 'One round' : 'Two rounds'}: one at a time, the inputs take ${seconds(pass.ms)}.`);
    }
  }

  /** If the first pass was short, all that follow are warm, and so is the one that counts as the first. */
  async #warm({ ms, outcomes }: Pass): Promise<Pass | undefined> {
    const warmUp = Math.min(outcomes.length, Math.floor((WARM_UP * outcomes.length) / Math.max(ms, 1e-3)));
    if (ms > SHORT || warmUp === 0) return undefined;
    this.#work = { ...this.#work, warmUp };
    return this.#attempt(this.#loop, Number.POSITIVE_INFINITY, PATIENCE + TIMES * ms);
  }

  /** From now on it is only about the first inputs. */
  #shorten(inputs: number): void {
    this.#work = { ...this.#work, inputs: this.#work.inputs.slice(0, inputs) };
    const loop = this.#loop;
    this.#contenders = [loop, ...this.#plan.contenders(inputs).slice(1)];
  }

  async #turn(contender: Contender, round: number): Promise<void> {
    if (this.#time.over || this.#misses.has(contender)) return;
    const lost = this.#misses.get(this.#loop);
    if (round === 1 && lost?.state === 'never-returned') return this.#miss(contender, 'not-run', 'one at a time, a call did not return');
    const { isDeadly } = this.#work;
    if ((contender.on === 'tasks' && lost?.state === 'failed') || (isDeadly && contender.on !== 'loop' && contender.on !== 'processes')) {
      const what = isDeadly ? 'process' : 'worker';
      return this.#miss(contender, 'not-run', `a call ended its ${what}, and here it would end this program`);
    }
    this.#tell(contender, round, this.#rounds);
    const pass = await this.#attempt(contender, Number.POSITIVE_INFINITY, this.#limit);
    if (pass === undefined) return;
    if (contender.on === 'tasks' && round === 1 && !this.#here) await this.#comeHere(pass);
    this.#keep(contender, pass);
  }

  /** What fails in a worker and works here needs something that was set up here: then the plain loop has to run here, too. */
  async #comeHere(tasks: Pass): Promise<void> {
    const [before] = this.#passes.get(this.#loop) ?? [];
    if (before === undefined || answers(before) || !answers(tasks)) return;
    this.#here = true;
    const pass = await this.#attempt(this.#loop, Number.POSITIVE_INFINITY, this.#limit);
    if (pass === undefined || !answers(pass)) return;
    this.#passes.set(this.#loop, [pass]);
    this.notes.push(`One at a time ran on this thread: in a worker every call fails (${before.outcomes[0].failed}).`);
  }

  get #limit(): number {
    const ms = this.#passes.get(this.#loop)?.[0].ms;
    return ms === undefined ? UNKNOWN : PATIENCE + TIMES * ms;
  }

  async #attempt(contender: Contender, budget: number, limit: number): Promise<Pass | undefined> {
    try {
      const pass = await this.#time.spend(limit, (signal) => this.#pass(contender, budget, signal));
      if (pass !== 'cut') return pass;
      if (!this.#passes.has(contender)) this.#cut(contender, limit);
    } catch (error) {
      if (contender === this.#loop && !this.#here && !this.#work.isDeadly && !(error instanceof WorkerLostError)) {
        this.#here = true;
        this.notes.push(`One at a time ran on this thread: in a worker it cannot (${told(error)}).`);
        return this.#attempt(contender, budget, limit);
      }
      this.#miss(contender, 'failed', error instanceof WorkerLostError ? this.#lastWords(error) : told(error));
    }
    return undefined;
  }

  #pass(contender: Contender, budget: number, signal: AbortSignal): Promise<Pass> {
    switch (contender.on) {
      case 'loop':
        this.#position[0] = 0;
        return (this.#here ? loopPassHere : loopPass)(this.#work, budget, this.#position, signal);
      case 'tasks':
        return tasksPass(this.#work, contender, signal);
      default:
        return poolPass(this.#work, contender, signal);
    }
  }

  #cut(contender: Contender, limit: number): void {
    const { over } = this.#time;
    if (over !== undefined) return; // it would have ended, perhaps
    if (contender !== this.#loop) {
      const ms = this.#passes.get(this.#loop)?.[0]?.ms;
      const slower = ms === undefined ? '' : `, more than ${TIMES} times as slow as one at a time`;
      return this.#miss(contender, 'too-slow', `ended after ${seconds(limit)}${slower}`);
    }
    const [at] = this.#position;
    const what = this.#work.isDeadly
      ? 'a call had not returned'
      : at === 0
        ? "the function's module had not finished loading"
        : `the call of input ${at} of ${this.inputs} had not returned`;
    this.#miss(contender, 'never-returned', `${what} after ${seconds(limit)}`);
  }

  #lastWords(error: WorkerLostError): string {
    const [at] = this.#position;
    const how = error.signal ?? `exit code ${error.exitCode}`;
    if (this.#work.isDeadly) return `a call ended its process (${how})`;
    return `${at === 0 ? 'loading the function' : `the call of input ${at} of ${this.inputs}`} ended its worker (${how})`;
  }

  #giveReasons(): void {
    const reason = this.#time.over === 'timed-out' ? 'time was up' : 'stopped before its turn had ended';
    for (const contender of this.#contenders) {
      if (!this.#passes.has(contender) && !this.#misses.has(contender)) this.#miss(contender, 'not-run', reason);
    }
  }

  #miss(contender: Contender, state: Miss['state'], reason: string): void {
    this.#misses.set(contender, { state, reason });
  }

  #keep(contender: Contender, pass: Pass): void {
    const passes = this.#passes.get(contender);
    if (passes === undefined) this.#passes.set(contender, [pass]);
    else passes.push(pass);
  }

  #tell({ label }: Contender, round: number, rounds: number | undefined): void {
    this.#plan.onProgress?.({ label, round, rounds });
  }
}

const answers = (pass: Pass): boolean => pass.outcomes.some(({ failed }) => failed === undefined);

const seconds = (ms: number): string => `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
