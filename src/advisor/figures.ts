/** Some ms, for people: `0.3 µs`, `12 ms`, `1.5 s`. */
export function time(ms: number): string {
  if (ms < 0.001) return `${round(ms * 1e6)} ns`;
  if (ms < 1) return `${round(ms * 1000)} µs`;
  return ms < 1000 ? `${round(ms)} ms` : `${round(ms / 1000)} s`;
}

/** Some bytes, for people: `512 B`, `1.5 MB`. */
export function bytes(n: number): string {
  if (n < 1000) return `${Math.round(n)} B`;
  if (n < 1e6) return `${round(n / 1000)} kB`;
  return n < 1e9 ? `${round(n / 1e6)} MB` : `${round(n / 1e9)} GB`;
}

/** `1 call`, `3 calls`. */
export const amount = (n: number, what: string): string => `${n.toLocaleString('en')} ${what}${n === 1 ? '' : 's'}`;

/** A share, for people: `94 %`. */
export const percent = (share: number): string => `${Math.round(100 * share)} %`;

/** Two digits that count. */
export const round = (x: number): string => (x < 10 ? String(Number(x.toPrecision(2))) : Math.round(x).toLocaleString('en'));
