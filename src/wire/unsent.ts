const gatherers = new Set<() => void>();

/** While `body` runs, `flush` is called if the worker ends: what has been finished must not go down with it. */
export async function whileGathering<T>(flush: () => void, body: () => Promise<T>): Promise<T> {
  gatherers.add(flush);
  try {
    return await body();
  } finally {
    gatherers.delete(flush);
  }
}

/** The worker is about to end. */
export function flushUnsent(): void {
  for (const flush of gatherers) flush();
}

const leaving = new Set<Promise<void>>();

/** What is being written elsewhere than to the pool. A worker that is told to end waits for it: what it has sent has left by then. `sent` must not reject. */
export function untilSent(sent: Promise<void>): void {
  leaving.add(sent);
  sent.then(() => leaving.delete(sent));
}

/** Calls `end` once that is so: at once, most often. */
export function whenSent(end: () => void): void {
  if (leaving.size === 0) end();
  else Promise.all(leaving).then(end);
}
