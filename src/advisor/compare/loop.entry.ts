import { UTF8 } from '../../core/index.js';
import { encode, type FunctionRef, loadFunction, needsCode } from '../../wire/far.js';
import { type LoopPass, type Outcome, type Position, plainLoop } from './plain-loop.js';

/** What a worker has used since its start. */
export interface Usage {
  readonly pid: number;
  /** Of its whole process, in ms. */
  readonly cpuMs: number;
  /** The most resident memory that its process has had, in bytes. */
  readonly memory: number;
}

/** What a loop in a worker is told. */
export interface LoopOrder {
  readonly ref: FunctionRef;
  readonly inputs: readonly unknown[];
  /** The first so many run before it is timed. */
  readonly warmUp: number;
  readonly budget: number;
  readonly position: Position;
}

/** Runs inputs one after the other in this worker. The time that their results take to travel is not part of it. */
export async function runLoop({ ref, inputs, warmUp, budget, position }: LoopOrder): Promise<LoopPass> {
  const fn = await loadFunction(ref);
  await plainLoop(fn, inputs.slice(0, warmUp), Number.POSITIVE_INFINITY, position);
  const pass = await plainLoop(fn, inputs, budget, position);
  return { ...pass, outcomes: pass.outcomes.map(whatTravels) };
}

/** Loads the function, so that the first call finds it. */
export async function getReady(ref: FunctionRef): Promise<void> {
  await loadFunction(ref);
}

export function usage(): Usage {
  const { user, system } = process.cpuUsage();
  return { pid: process.pid, cpuMs: (user + system) / 1000, memory: peakMemory() };
}

/** Where the system tells it of the program alone: the peak of `resourceUsage` begins with that of the process that started this one. */
function peakMemory(): number {
  if (process.platform === 'linux') {
    const { readFileSync } = process.getBuiltinModule('node:fs');
    const peak = /^VmHWM:\s*(\d+) kB/m.exec(readFileSync('/proc/self/status', UTF8));
    if (peak !== null) return Number(peak[1]) * 1024;
  }
  return process.resourceUsage().maxRSS * 1024;
}

function whatTravels(outcome: Outcome): Outcome {
  if (outcome.failed !== undefined) return outcome;
  try {
    structuredClone(needsCode(outcome.value) ? encode(outcome.value, 'clone', []) : outcome.value);
    return outcome;
  } catch {
    return { value: undefined, failed: undefined, stays: true }; // which is the question
  }
}
