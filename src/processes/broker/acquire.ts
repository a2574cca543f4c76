import type { Future } from '../../futures/index.js';
import { readLimits, type WaitLimits } from '../connection/limits.js';
import type { Access, Asked } from './access.js';
import type { ProcessGuard } from './guard.js';
import { selfWait } from './holding.js';
import { failed, request } from './request.js';

/** What takes part in acquiring something, of whatever kind. */
export interface Acquiring<G extends ProcessGuard> {
  /** For messages: `lock`. */
  name: string;
  access: Access;
  /** Whether who holds it may ask for more. */
  mayReenter?: boolean;
  make(access: Access, asked: Asked, abandoned: boolean): G;
}

/** Asks for it, and waits. */
export function acquire<G extends ProcessGuard>(of: Acquiring<G>, op: number, data: unknown, options?: WaitLimits): Future<G> {
  const doing = `${of.name}.acquire`;
  try {
    const limits = readLimits(doing, options);
    const wrong = of.mayReenter ? undefined : selfWait(of.access, doing);
    if (wrong !== undefined) return failed(wrong);
    return request<G>(of.access, { doing, op, data, limits, given: (abandoned, asked) => of.make(of.access, asked, abandoned === true) });
  } catch (error) {
    return failed(error);
  }
}

/** Asks for it; `undefined` if it is not free now. */
export function tryAcquire<G extends ProcessGuard>(of: Acquiring<G>, op: number, data: unknown): Future<G | undefined> {
  return request<G | undefined>(of.access, {
    doing: `${of.name}.tryAcquire`,
    op,
    data,
    given: (abandoned, asked) => (abandoned === undefined ? undefined : of.make(of.access, asked, abandoned === true)),
  });
}
