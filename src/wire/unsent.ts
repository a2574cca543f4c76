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
