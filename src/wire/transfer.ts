const lists = new WeakMap<object, readonly unknown[]>();

/**
 * Says that what a worker's function returns is to be moved, not copied: the buffers in `list` are gone from the worker afterwards.
 * Where the transport cannot move (processes) they are copied. For arguments see `CallOptions.transfer`.
 *
 * @param value What is returned (or yielded): an object.
 * @param list The ArrayBuffers or MessagePorts inside it.
 * @returns `value` itself.
 *
 * @example
 * ```ts run
 * import { transfer } from 'meantime/threads';
 *
 * const bytes = new Uint8Array(1024);
 * transfer(bytes, [bytes.buffer]) === bytes; // => true
 * ```
 */
export function transfer<T extends object>(value: T, list: readonly unknown[]): T {
  lists.set(value, list);
  return value;
}

/** What `transfer` was told of this value. */
export function transferListOf(value: unknown): readonly unknown[] | undefined {
  return typeof value === 'object' && value !== null ? lists.get(value) : undefined;
}
