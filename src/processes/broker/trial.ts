import assert from 'node:assert/strict';
import { unpack } from '../connection/packed.js';
import type { Asked } from './access.js';
import type { Broker } from './broker.js';
import { ToBroker, ToHandle } from './message.js';
import { Party } from './party.js';
import { RemoteAccess } from './remote-access.js';

/*
 * Every broker against a simple account of itself. Three parties ask, cancel, release and die at random, and their messages arrive when the lots say so: so that each cancellation
 * may cross its answer. After each arrival the broker must have answered what the account says, in its order, to whom it says.
 */

export const SEED = Number(process.env.MEANTIME_SEED ?? 20_261_127);
export const RUNS = 1000;
export const PARTIES = 3;

/** What came of an ask at its party. */
export interface Mine {
  asked: Asked;
  state: 'waiting' | 'given' | 'refused' | 'over';
  value?: unknown;
}

/** One answer: to whom, to which ask, what. */
export type Said = [id: number, what: number, value: unknown];

/** What an account of a broker is told; it says what is to be answered with `say`. */
export interface Account {
  ask(p: number, op: number, id: number, other: number, data: unknown): void;
  /** @returns `true` if something that had been done was taken back. */
  cancel(p: number, id: number): unknown;
  interrupt?(p: number, id: number): void;
  release?(p: number, id: number): void;
  tell?(p: number, id: number, op: number, data: unknown): void;
  gone(p: number): void;
  /** At the end of a message. */
  end?(): void;
}

export class World {
  readonly mine: Mine[][] = [];
  readonly access: RemoteAccess[] = [];
  readonly #up: unknown[][][] = [];
  readonly #down: unknown[][][] = [];
  readonly #parties: Party[] = [];
  readonly #events: { told?(m: unknown): void; closed?(e: never): void }[] = [];
  readonly expected: Said[][] = [];
  readonly #actual: Said[][] = [];
  readonly alive: boolean[] = [];
  readonly #account: Account;
  /** Values that went back, or arrived after their ask was cancelled. */
  late: (p: number, value: unknown) => void = () => undefined;

  readonly #checked: boolean;

  constructor(broker: Broker, account: (say: (p: number, ...said: Said) => void) => Account, checked = true) {
    this.#checked = checked;
    this.#account = account((p, ...said) => {
      if (this.alive[p]) this.expected[p].push(said);
    });
    for (let p = 0; p < PARTIES; p++) {
      this.mine.push([]);
      this.#up.push([]);
      this.#down.push([]);
      this.expected.push([]);
      this.#actual.push([]);
      this.alive.push(true);
      this.#parties.push(
        new Party(broker, (message) => {
          for (let i = 0; i < message.length; i += 3)
            this.#actual[p].push([message[i + 1] as number, message[i] as number, message[i + 2]]);
          this.#down[p].push(message);
        }),
      );
      const access = new RemoteAccess((events) => {
        this.#events.push(events as never);
        return { tell: (message) => void this.#up[p].push(message as unknown[]), flush: () => undefined, close: () => undefined };
      });
      this.access.push(access);
    }
  }

  ask(p: number, op: number, data?: unknown, lent?: Mine): void {
    if (!this.alive[p]) return;
    const mine: Mine = { state: 'waiting', asked: undefined as never };
    mine.asked = this.access[p].ask(
      op,
      data,
      {
        given: (value) => Object.assign(mine, { state: 'given', value }),
        refused: (error) => Object.assign(mine, { state: 'refused', value: error }),
      },
      lent?.asked,
    );
    this.mine[p].push(mine);
  }

  pick(p: number, state: Mine['state'], which: number): Mine | undefined {
    const all = this.alive[p] ? this.mine[p].filter((m) => m.state === state) : [];
    return all[which % all.length];
  }

  cancel(p: number, which: number, may: (mine: Mine) => boolean): void {
    const mine = this.pick(p, 'waiting', which);
    if (mine === undefined || !may(mine)) return;
    mine.state = 'over';
    mine.asked.cancel((value) => this.late(p, value));
  }

  release(p: number, which: number): void {
    const mine = this.pick(p, 'given', which);
    if (mine === undefined) return;
    mine.state = 'over';
    mine.asked.release();
  }

  async arriveUp(p: number): Promise<void> {
    await turn();
    const message = this.#up[p].shift();
    if (message === undefined || !this.alive[p]) return;
    this.#parties[p].message(message);
    for (let i = 0; i < message.length; i += 4) {
      const [what, id, other, data] = message.slice(i, i + 4) as [number, number, number, unknown];
      if (what === ToBroker.CANCEL) {
        const isBack = this.#account.cancel(p, id);
        this.expected[p].push([id, ToHandle.CANCELLED, isBack === true ? true : undefined]);
      } else if (what === ToBroker.INTERRUPT) this.#account.interrupt?.(p, id);
      else if (what === ToBroker.RELEASE) this.#account.release?.(p, id);
      else if (what === ToBroker.TELL) this.#account.tell?.(p, id, other, data);
      else this.#account.ask(p, what, id, other, data);
    }
    this.#account.end?.();
    await this.check();
  }

  async arriveDown(p: number): Promise<void> {
    await turn();
    const message = this.#down[p].shift();
    if (message !== undefined && this.alive[p]) this.#events[p].told?.(message);
    await turn();
  }

  async die(p: number): Promise<void> {
    if (!this.alive[p]) return;
    this.alive[p] = false;
    this.#parties[p].gone();
    this.#account.gone(p);
    this.#account.end?.();
    await this.check();
  }

  async check(): Promise<void> {
    await turn();
    if (!this.#checked) return;
    for (let p = 0; p < PARTIES; p++)
      if (this.alive[p]) assert.deepEqual(this.#actual[p].map(plain), this.expected[p].map(plain), `what party ${p} was answered`);
  }

  /** Lets everything arrive. */
  async settle(): Promise<void> {
    for (let i = 0; i < 200; i++) {
      const before = this.#up.flat().length + this.#down.flat().length;
      for (let p = 0; p < PARTIES; p++) {
        if (!this.alive[p]) this.#up[p].length = this.#down[p].length = 0;
        await this.arriveUp(p);
        await this.arriveDown(p);
      }
      if (before === 0 && this.#up.flat().length + this.#down.flat().length === 0) return;
    }
    assert.fail('it did not come to rest');
  }
}

/** Of an error its name: the words are not the account's. */
function plain([id, what, value]: Said): Said {
  return [id, what, what === ToHandle.REFUSED ? nameIn(value) : value];
}
const nameIn = (value: unknown): unknown => (typeof value === 'string' ? value : (unpack(value) as Error).name);

export async function turn(): Promise<void> {
  for (let i = 0; i < 6; i++) await null;
}

export type Step = { kind: string; p: number; n: number };

export async function play(
  world: World,
  all: readonly Step[],
  own: (step: Step) => void,
  mayCancel: (mine: Mine) => boolean = () => true,
): Promise<void> {
  let deaths = 0;
  for (const step of all) {
    if (step.kind === 'up') await world.arriveUp(step.p);
    else if (step.kind === 'down') await world.arriveDown(step.p);
    else if (step.kind === 'cancel') world.cancel(step.p, step.n, mayCancel);
    else if (step.kind === 'die') {
      if (step.n < 3 && deaths++ < PARTIES - 1) await world.die(step.p);
    } else own(step);
    await turn();
  }
}
