import type { Shares, WorkKind } from './advice.js';

/** Calls shorter than this, in ms, cost more to send than to make. */
const TINY = 0.01;
/** How far from the border of `TINY` a time has to be, as a factor. */
const TINY_MARGIN = 1.6;
/** With less computing than this it is not worth a second thread; with more than that it leaves nothing to wait for. */
const [SOME, NEARLY_ALL] = [0.25, 0.9];
/** Less waiting than this is the noise of handing over; more is, where much is handed to Node's pool. */
const [WAITS, HANDED] = [0.1, 1 / 3];
/** How wrong the shares may be for the kind to be certain, and in which steps that is tried. */
const [FAR, STEP] = [0.2, 0.02];
/** Whether a loop is held or waits is known better than what it is held by and what it waits for: such an error is this part of the others. */
const ACROSS = 0.5;

const parts = ['computing', 'blocking', 'pool', 'waiting'] as const;
const kinds = { computing: 'cpu-bound', blocking: 'blocking', pool: 'pool-bound', waiting: 'io-bound' } as const;

/** What a function is bound by, and how far that is from being something else. */
export interface KindOf {
  readonly kind: WorkKind;
  /** From 0 to 1: at 0 the least error of measurement would have made it another kind, at 1 an error of a fifth of its time would not. From {@link SURE} on it can be relied on. */
  readonly confidence: number;
  /** What it would be by the smallest such error; its own kind, if no small one would do. */
  readonly next: WorkKind;
}

/** The least confidence in a kind that can be relied on. */
export const SURE = 0.45;

/**
 * The kind of a function by how its time is spent.
 *
 * @param msPerCall How long one call takes, in ms.
 */
export function kindOf(shares: Shares, msPerCall: number): KindOf {
  const tiny = TINY / Math.max(msPerCall, 1e-6);
  const sized = Math.min(1, Math.abs(Math.log(tiny)) / Math.log(TINY_MARGIN) / 2);
  const kind = label(shares);
  if (tiny > 1) return { kind: 'tiny', confidence: sized, next: sized < 1 ? kind : 'tiny' };
  const border = nearestBorder(shares, kind);
  const confidence = border.moved / FAR;
  return sized < confidence ? { kind, confidence: sized, next: 'tiny' } : { kind, confidence, next: border.next };
}

function label(shares: Shares): Exclude<WorkKind, 'tiny'> {
  const { computing, pool, waiting } = shares;
  if (computing >= SOME && computing < NEARLY_ALL && waiting >= WAITS + HANDED * pool) return 'mixed';
  let largest: Part = 'computing';
  for (const part of parts) if (shares[part] > shares[largest]) largest = part;
  return kinds[largest];
}

type Part = (typeof parts)[number];

const holds = (part: Part): boolean => part === 'computing' || part === 'blocking';
const isUnlikely = (from: Part, to: Part): boolean => (holds(from) && to === 'waiting') || (from === 'waiting' && holds(to));

/** How much time would have to belong to another share than was measured for the kind to be another, and which one. */
function nearestBorder(shares: Shares, kind: WorkKind): { moved: number; next: WorkKind } {
  for (let step = 1; step * STEP < FAR; step++) {
    const moved = step * STEP;
    for (const from of parts) {
      for (const to of parts) {
        if (to === from) continue;
        const amount = Math.min(isUnlikely(from, to) ? moved * ACROSS : moved, shares[from]);
        const next = label({ ...shares, [from]: shares[from] - amount, [to]: shares[to] + amount });
        if (next !== kind) return { moved: moved - STEP, next };
      }
    }
  }
  return { moved: FAR, next: kind };
}
