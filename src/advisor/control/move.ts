/** A decision of a control, for whoever wants to know why. */
export interface Move {
  /** When, in ms on the clock of whoever steers. */
  readonly at: number;
  /** How many there were: calls in flight, or workers. */
  readonly from: number;
  readonly to: number;
  /** In plain words. */
  readonly reason: string;
}

/** How a call ended, for steering: `failed` is the call's own affair, `pushback` means that too much was asked of somebody. */
export type Outcome = 'ok' | 'failed' | 'pushback';

/** What share of growth has to arrive as throughput: `ln(calls a second) / ln(limit)`. Less is not worth the room that it takes. */
export const WORTH = 0.14;

/** A change of throughput in words: `12 % more`. */
export function change(ratio: number): string {
  if (ratio >= 2) return `${ratio.toFixed(1)} times as many`;
  const percent = Math.round(Math.abs(ratio - 1) * 100);
  if (percent === 0) return 'no more and no fewer';
  return `${percent} % ${ratio > 1 ? 'more' : 'fewer'}`;
}
