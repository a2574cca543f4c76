/** A stream that is opened as soon as it is known where. */
export function heldStream(opening: Promise<AsyncIterableIterator<unknown>>): AsyncIterableIterator<unknown> {
  return {
    next: async () => (await opening).next(),
    return: async (value?: unknown) => (await (await opening).return?.(value)) ?? { done: true, value },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
