import { clock, drive, isCoroutine } from '../../core/index.js';
import { told } from '../told.js';

/** What became of one call: what it gave, or what it threw, as text. */
export interface Outcome {
  readonly value?: unknown;
  readonly failed?: string | undefined;
  /** What it gave cannot travel, so it cannot be compared. */
  readonly stays?: true | undefined;
}

/** Some or all inputs, one after the other. Times are ms. */
export interface LoopPass {
  readonly outcomes: Outcome[];
  readonly ms: number;
  /** Of the whole process. */
  readonly cpuMs: number;
}

/** Where a loop tells how far it is: the number of the input that it has begun, from 1. */
export type Position = Int32Array;

/**
 * The loop that everything is compared to: `for (const input of inputs) await fn(input)`.
 *
 * @param budget No further call is begun after so many ms.
 */
export async function plainLoop(
  fn: (input: unknown) => unknown,
  inputs: readonly unknown[],
  budget: number,
  position: Position,
  stopped: () => boolean = () => false,
): Promise<LoopPass> {
  const outcomes: Outcome[] = [];
  const cpu = process.cpuUsage();
  const began = clock.now();
  let ms = 0;
  for (const input of inputs) {
    position[0] = outcomes.length + 1;
    try {
      const value = fn(input);
      if (isCoroutine(value)) outcomes.push({ value: await drive(value), failed: undefined, stays: undefined });
      // To await what is there already would be a turn more than a loop over such a function takes.
      else outcomes.push({ value: isThenable(value) ? await value : value, failed: undefined, stays: undefined });
    } catch (error) {
      outcomes.push({ value: undefined, failed: told(error), stays: undefined });
    }
    ms = clock.now() - began;
    if (ms > budget || stopped()) break;
  }
  const { user, system } = process.cpuUsage(cpu);
  return { outcomes, ms, cpuMs: (user + system) / 1000 };
}

const isThenable = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
