import { clock, threadBusy, threadCpu, threadQueued } from '../../core/index.js';
import type { Usage } from '../shares.js';
import { otherThreads } from './other-threads.js';

/** What the clocks of this thread and its process show, in ms. Only differences mean anything. */
export function reading(): Usage {
  const [wall, busy] = [clock.now(), threadBusy()];
  const [thread, queued, others] = [threadCpu(), threadQueued(), otherThreads()];
  if (thread !== undefined && queued !== undefined && others !== undefined) {
    return { wall, busy, thread, queued, process: thread + others.computed, processQueued: queued + others.queued };
  }
  const { user, system } = process.cpuUsage();
  return { wall, busy, thread, queued: undefined, process: (user + system) / 1000, processQueued: undefined };
}

/** What was used between two readings. */
export function since(from: Usage, to: Usage = reading()): Usage {
  return combined([to, from], ([later, earlier]) => (later as number) - (earlier as number));
}

/** All of it together. */
export const sumOf = (usages: readonly Usage[]): Usage => combined(usages, (parts) => parts.reduce((sum, part) => sum + part, 0));

/** What some of them do not tell is not told of all. */
function combined(usages: readonly Usage[], how: (parts: number[]) => number): Usage {
  const known = (parts: (number | undefined)[]): number | undefined => (parts.includes(undefined) ? undefined : how(parts as number[]));
  return {
    wall: how(usages.map(({ wall }) => wall)),
    busy: how(usages.map(({ busy }) => busy)),
    thread: known(usages.map(({ thread }) => thread)),
    queued: known(usages.map(({ queued }) => queued)),
    process: how(usages.map(({ process }) => process)),
    processQueued: known(usages.map(({ processQueued }) => processQueued)),
  };
}

/** Computes for some ms and tells how much of a processor this thread has had meanwhile: 1 on a machine that has nothing else to do. */
export function spin(ms: number): number {
  const [began, computed] = [clock.now(), threadOrProcess()];
  while (clock.now() - began < ms);
  return Math.min(1, (threadOrProcess() - computed) / (clock.now() - began));
}

function threadOrProcess(): number {
  const thread = threadCpu();
  if (thread !== undefined) return thread;
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
