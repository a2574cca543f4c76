import { UsageError } from './exit-code.js';

const NUMBER = '(\\d[\\d_]*(?:\\.\\d+)?(?:e\\d+)?)';

/** Reads a number followed by one of some units. */
function measure(flag: string, text: string, units: Readonly<Record<string, number>>, example: string): number {
  const match = new RegExp(`^${NUMBER}\\s*([a-z/]*)$`, 'i').exec(text.trim());
  const unit = match?.[2].toLowerCase() ?? '';
  if (match === null || !Object.hasOwn(units, unit)) throw new UsageError(`${flag} expects ${example}, got "${text}"`);
  return toNumber(match[1]) * units[unit];
}

const toNumber = (digits: string): number => Number(digits.replaceAll('_', ''));

/** `500`, `500ms`, `2s`, `1.5m`, `1h`, in ms. */
export const duration = (text: string, flag: string): number =>
  measure(flag, text, { '': 1, ms: 1, s: 1000, m: 60_000, h: 3_600_000 }, 'a time such as 500, 500ms, 2s or 1m');

/** `100`, `100/s`, `30/m`, `500/h`, per second. */
export function perSecond(text: string, flag: string): number {
  const rate = measure(flag, text, { '': 1, '/s': 1, '/m': 1 / 60, '/h': 1 / 3600 }, 'a rate such as 100, 100/s or 30/m');
  if (rate === 0) throw new UsageError(`${flag} expects a rate above 0, got "${text}"`);
  return rate;
}

/** `1000000`, `64k`, `512MB`, `2g`, in bytes. */
export const bytes = (text: string, flag: string): number =>
  Math.round(
    measure(
      flag,
      text,
      { '': 1, b: 1, k: 2 ** 10, kb: 2 ** 10, m: 2 ** 20, mb: 2 ** 20, g: 2 ** 30, gb: 2 ** 30 },
      'a size such as 64k, 512MB or 2GB',
    ),
  );

/** A whole number from `least` up. */
export const wholeFrom =
  (least: number) =>
  (text: string, flag: string): number => {
    const n = /^\d[\d_]*$/.test(text) ? toNumber(text) : Number.NaN;
    if (!(n >= least)) throw new UsageError(`${flag} expects a whole number from ${least} up, got "${text}"`);
    return n;
  };

/** `1..10`, `10..1`, `0..100:5`. */
export function bounds(text: string, flag: string): { first: number; last: number; step: number | undefined } {
  const signed = `(-?${NUMBER.slice(1, -1)})`;
  const match = new RegExp(`^${signed}\\.\\.${signed}(?::${signed})?$`, 'i').exec(text.trim());
  if (match === null) throw new UsageError(`${flag} expects FIRST..LAST or FIRST..LAST:STEP, such as 1..100 or 0..100:5, got "${text}"`);
  const [, first, last, step] = match;
  return { first: toNumber(first), last: toNumber(last), step: step === undefined ? undefined : toNumber(step) };
}

/** One of some words. */
export const word =
  <W extends string>(...words: W[]) =>
  (text: string, flag: string): W => {
    const found = words.find((w) => w === text);
    if (found === undefined) throw new UsageError(`${flag} expects ${words.join(', ')}, got "${text}"`);
    return found;
  };
