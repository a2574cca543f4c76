import type { Point } from './advice.js';

export const samePoint = (a: Point, b: Point): boolean => a.on === b.on && a.workers === b.workers && a.concurrency === b.concurrency;
