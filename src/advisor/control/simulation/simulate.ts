import { Heap } from '../../../core/index.js';
import type { Outcome } from '../move.js';
import type { Backend } from './backend.js';

/** What a control has to have to be simulated. Ours has it; so have its competitors in `bench/`. */
export interface Controlled {
  readonly limit: number;
  ended(at: number, took: number, outcome: Outcome): void;
  inFlight?(at: number, n: number): void;
  tick?(at: number): void;
}

export interface Simulation {
  /** In ms. */
  readonly length: number;
  /** The most that is offered at a time; default: endless. */
  readonly offered?: (at: number) => number;
  /** Virtual ms between two ticks. */
  readonly every?: number;
  readonly onTick?: (at: number) => void;
}

export interface Simulated {
  /** Calls that went well, for each tenth of a second. */
  readonly done: readonly number[];
  /** Calls in flight on average, for each tenth of a second. */
  readonly inFlight: readonly number[];
  readonly ok: number;
  readonly refused: number;
}

/** A tenth of a second. */
export const BIN = 100;

interface Ending {
  readonly at: number;
  readonly order: number;
  readonly took: number;
  readonly outcome: Outcome;
}

/** Runs calls without end against a backend, in virtual time. */
export function simulate(backend: Backend, control: Controlled, { length, offered, every = 50, onTick }: Simulation): Simulated {
  const endings = new Heap<Ending>((a, b) => a.at < b.at || (a.at === b.at && a.order < b.order));
  const bins = Math.ceil(length / BIN);
  const [done, area] = [new Array<number>(bins).fill(0), new Array<number>(bins).fill(0)];
  let [inFlight, ok, refused, order, last, ticked] = [0, 0, 0, 0, 0, 0];

  const pass = (to: number): void => {
    while (last < to) {
      const bin = Math.floor(last / BIN);
      const until = Math.min(to, (bin + 1) * BIN);
      area[bin] += inFlight * (until - last);
      last = until;
    }
  };
  const fill = (at: number): void => {
    const most = Math.min(control.limit, offered?.(at) ?? Number.POSITIVE_INFINITY);
    const before = inFlight;
    while (inFlight < most) {
      inFlight++;
      const { took, refused = false } = backend.call(at, inFlight);
      endings.push({ at: at + took, order: order++, took, outcome: refused ? 'pushback' : 'ok' });
    }
    if (inFlight !== before) control.inFlight?.(at, inFlight);
  };

  fill(0);
  for (;;) {
    const next = endings.peek();
    const tick = ticked + every;
    const at = Math.min(next?.at ?? Number.POSITIVE_INFINITY, tick);
    if (at >= length) break;
    pass(at);
    if (next === undefined || tick <= next.at) {
      ticked = tick;
      control.tick?.(at);
      onTick?.(at);
    } else {
      endings.pop();
      inFlight--;
      if (next.outcome === 'ok') {
        ok++;
        done[Math.floor(at / BIN)]++;
      } else refused++;
      control.ended(at, next.took, next.outcome);
      control.inFlight?.(at, inFlight);
    }
    fill(at);
  }
  pass(length);
  return { done, inFlight: area.map((sum) => sum / BIN), ok, refused };
}

/** A limit that does not move. */
export function fixed(limit: number): Controlled {
  return { limit, ended: () => {} };
}
