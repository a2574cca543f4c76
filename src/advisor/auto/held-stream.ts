/** A stream that is opened as soon as it is known where: when its first value is asked for. */
export function heldStream(open: () => Promise<AsyncIterableIterator<unknown>>): AsyncIterableIterator<unknown> {
  let opening: Promise<AsyncIterableIterator<unknown>> | undefined;
  let left = false;
  return {
    async next() {
      if (left) return { done: true, value: undefined };
      opening ??= open();
      return (await opening).next();
    },
    async return(value?: unknown) {
      left = true;
      return (await (await opening)?.return?.(value)) ?? { done: true, value };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
