import { existsSync, readFileSync } from 'node:fs';
import { CancelledError, NotCloneableError, ShutdownError, TimeoutError, WorkerLostError, WorkerStartError } from 'meantime';
import type { Future } from 'meantime/futures';

/** What is known of a call that was made. */
export interface Made {
  readonly id: number;
  readonly what: string;
  readonly retries: number;
  readonly future: Future<unknown>;
  /** Whether a value is the one that it should give. */
  readonly isRight: (value: unknown) => boolean;
  /** Whether it was given a time, or will be cancelled. */
  readonly limited: boolean;
  cancelled: boolean;
}

const errors = {
  cancelled: CancelledError,
  timeout: TimeoutError,
  lost: WorkerLostError,
  'not started': WorkerStartError,
  refused: ShutdownError,
  unsendable: NotCloneableError,
};

/** Counts the ends of calls, and says where one is not as promised. */
export class Tally {
  /** What -> end -> how many. */
  readonly counts = new Map<string, Map<string, number>>();
  readonly faults: string[] = [];
  runs = 0;
  most = 0;

  /** Log -> call -> the most that it may run. */
  readonly #mapped = new Map<string, Map<number, number>>();

  /** Inputs of a map and readers of a stream have no future of their own; how often they ran is still counted. */
  mapped(log: string, jobs: readonly { id: number }[], retries: number): void {
    const most = this.#mapped.get(log) ?? new Map<number, number>();
    this.#mapped.set(log, most);
    for (const { id } of jobs) most.set(id, 1 + retries);
  }

  count(what: string, end: string): void {
    const row = this.counts.get(what) ?? new Map<string, number>();
    this.counts.set(what, row);
    row.set(end, (row.get(end) ?? 0) + 1);
  }

  fault(text: string): void {
    this.faults.push(text);
  }

  /** After a shutdown: each call has settled, as it may, and ran as often as it may. */
  check(pool: string, made: readonly Made[], log: string, wasShutDownEarly: boolean): void {
    const ran = new Map<number, number>();
    const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n') : [''];
    if (lines.pop() !== '') this.fault(`${pool}: the last line of its log is torn`);
    for (const line of lines) {
      const id = Number(line.split(' ')[0]);
      ran.set(id, (ran.get(id) ?? 0) + 1);
    }
    this.runs += lines.length;
    const may = this.#mapped.get(log);
    for (const [id, most] of may ?? []) {
      const runs = ran.get(id) ?? 0;
      if (runs > most) this.fault(`${pool}: the input ${id} of a map or a stream ran ${runs} times, and may ${most}`);
    }
    const known = new Set([...made.map(({ id }) => id), ...(may?.keys() ?? [])]);
    for (const id of ran.keys()) if (!known.has(id)) this.fault(`${pool}: ${id} ran, and nobody asked for it`);
    for (const call of made) this.#checkOne(pool, call, ran.get(call.id) ?? 0, wasShutDownEarly);
  }

  #checkOne(pool: string, call: Made, runs: number, wasShutDownEarly: boolean): void {
    const { id, what, future, retries } = call;
    const end = endOf(future);
    this.count(what, end.name);
    const fault = (text: string) =>
      this.fault(`${pool}: call ${id} (${what}, ${retries} retries, ran ${runs} times, ${end.name}): ${text}`);
    if (!future.settled) fault('has not settled');
    if (runs > 1 + retries) fault('ran too often');
    if (end.name === 'fulfilled' && runs === 0) fault('has a result and never ran');
    if (end.name === 'fulfilled' && !call.isRight(end.value)) fault(`gave ${String(end.value)}`);
    if (end.name === 'threw' && what !== 'throws') fault(`failed with ${String(end.value)}`);
    if (end.name === 'timeout' && !call.limited) fault('had no time limit');
    if (end.name === 'cancelled' && !call.cancelled && !wasShutDownEarly) fault('was not cancelled by anybody');
    if (end.name === 'refused' && what !== 'late') fault('was refused');
    this.most = Math.max(this.most, runs);
  }

  table(): string[] {
    const ends = [...new Set([...this.counts.values()].flatMap((row) => [...row.keys()]))].sort();
    const line = (cells: unknown[]) => cells.map((cell, i) => (i === 0 ? String(cell).padEnd(16) : String(cell).padStart(12))).join('');
    const rows = [...this.counts].sort().map(([what, row]) => line([what, ...ends.map((end) => row.get(end) ?? 0)]));
    const sum = (end: string) => [...this.counts.values()].reduce((all, row) => all + (row.get(end) ?? 0), 0);
    return [line(['', ...ends]), ...rows, line(['all', ...ends.map(sum)])];
  }
}

/** What kind of failure it is, in a word. */
export function nameOf(error: unknown): string {
  for (const [name, kind] of Object.entries(errors)) if (error instanceof kind) return name;
  return 'threw';
}

function endOf(future: Future<unknown>): { name: string; value: unknown } {
  if (!future.settled) return { name: future.state, value: undefined };
  try {
    return { name: 'fulfilled', value: future.result() };
  } catch (error) {
    return { name: nameOf(error), value: error };
  }
}
