// What the tests of ends that stay run elsewhere.
import { type Connection, ProcessQueue } from 'meantime/processes';

export const take = (..._: unknown[]): void => undefined;

export function* takeEach(..._: unknown[]): Generator<number> {
  yield 1;
}

export const answer = async (end: Connection, other: Connection): Promise<unknown> => {
  await end.send('went');
  const got = await other.receive();
  await end.close();
  return got;
};

export const answerFrom = async (queue: ProcessQueue<unknown>): Promise<void> => {
  const end = (await queue.get()) as Connection;
  await end.send('from the queue');
  await end.close();
};

let kept: Connection;
export const keep = (end: Connection): void => {
  kept = end;
};
export const giveBadly = (): unknown => ({ kept, fn() {} });
export function* yieldBadly(): Generator<unknown> {
  yield { kept, fn() {} };
}
export const useKept = async (): Promise<void> => kept.send('kept');
export const give = (): unknown => kept;

export class Keeper {
  kept: unknown;

  constructor(...kept: unknown[]) {
    this.kept = kept;
  }

  queue(): ProcessQueue<unknown> {
    return new ProcessQueue<unknown>(2);
  }

  take(value: unknown): void {
    this.kept = value;
  }
}
