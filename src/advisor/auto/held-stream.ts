/**
 * A stream that is opened as soon as it is known where: when its first value is asked for.
 *
 * @param ended Called once, when a stream that was opened is over.
 */
export function heldStream(open: () => Promise<AsyncIterableIterator<unknown>>, ended: () => void): AsyncIterableIterator<unknown> {
  let opening: Promise<AsyncIterableIterator<unknown>> | undefined;
  let isOver = false;
  const over = () => {
    if (!isOver && opening !== undefined) opening.then(ended, () => undefined); // one that could not be opened was none
    isOver = true;
  };
  return {
    async next() {
      if (isOver) return { done: true, value: undefined };
      opening ??= open();
      try {
        const step = await (await opening).next();
        if (step.done) over();
        return step;
      } catch (error) {
        over();
        throw error;
      }
    },
    async return(value?: unknown) {
      const wasOver = isOver;
      over();
      if (wasOver || opening === undefined) return { done: true, value };
      return (await (await opening).return?.(value)) ?? { done: true, value };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
