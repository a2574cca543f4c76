/**
 * The small language that is run in asyncio and in Meantime. A program is a set of named tasks, each a list of steps, over things that they share. `main` begins; every other task is
 * spawned by one step, or is one of the children of a `gather`.
 *
 * Time goes in cells of `CELL` ms. `for: n` means: until the n-th border of a cell from now, so that many tasks wake at the same instant. After each step that may have waited,
 * and whenever it has been thrown out of something, a task moves on to a place in the cell that is its own ("it settles"). What happens in one instant is therefore decided by the order of
 * timers and of direct hand-overs alone, and not by how many turns of the loop a block takes to end, which nobody promises.
 */
export interface Program {
  /** What the tasks share, by name; the first letter says what it is. The number is a queue's capacity, a semaphore's permits, a barrier's parties. */
  readonly shared: Readonly<Record<string, number>>;
  /** The place of a task in its list is its place in the cell. */
  readonly tasks: Readonly<Record<string, readonly Step[]>>;
}

/** How long a cell is, in ms. A program has fewer tasks than that. */
export const CELL = 20;

export type Step =
  // Waits. They are cancellation points.
  | { readonly do: 'sleep'; readonly for: number }
  | { readonly do: 'checkpoint' }
  | { readonly do: 'acquire' | 'get' | 'wait' | 'meet'; readonly on: string }
  | { readonly do: 'put'; readonly on: string; readonly item: number }
  | { readonly do: 'join'; readonly task: string }
  /** Only inside a `condition` block of the same name. */
  | { readonly do: 'await'; readonly on: string }
  // What is done at once.
  | { readonly do: 'tryAcquire' | 'release' | 'tryGet' | 'set' | 'clear'; readonly on: string }
  | { readonly do: 'tryPut'; readonly on: string; readonly item: number }
  | { readonly do: 'notify'; readonly on: string; readonly count: number }
  | { readonly do: 'spawn' | 'cancel'; readonly task: string }
  | { readonly do: 'cancelGroup' }
  | { readonly do: 'reschedule'; readonly for: number }
  | { readonly do: 'raise'; readonly name: string }
  | { readonly do: 'return'; readonly value: number }
  // Blocks.
  | { readonly do: 'hold' | 'with' | 'condition'; readonly on: string; readonly steps: readonly Step[] }
  | { readonly do: 'timeout'; readonly for: number; readonly steps: readonly Step[] }
  | { readonly do: 'shield' | 'group'; readonly steps: readonly Step[] }
  | { readonly do: 'gather'; readonly tasks: readonly string[] }
  | Try;

export interface Try {
  readonly do: 'try';
  readonly steps: readonly Step[];
  /** What follows an error other than a cancellation. */
  readonly error?: readonly Step[];
  /** What follows a cancellation, which is thereby swallowed. */
  readonly cancel?: readonly Step[];
  readonly finally?: readonly Step[];
}

/** What a program did. */
export interface Trace {
  /** By task, what it did: `when what`, in order. */
  readonly did: Readonly<Record<string, readonly string[]>>;
  /** By thing, who got it in which order: `when who what`. Not recorded. */
  readonly got?: Readonly<Record<string, readonly string[]>>;
  /** By task, how it ended, as whoever holds it sees it. */
  readonly ended: Readonly<Record<string, string>>;
}
