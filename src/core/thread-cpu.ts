import { propertyOf } from './bare.js';
import { Schedstat, type ThreadTimes } from './schedstat.js';

/** Newer Nodes tell it; the types are those of the oldest. */
type ThreadCpuUsage = () => { user: number; system: number };

const told = propertyOf(process, 'threadCpuUsage') as ThreadCpuUsage | undefined;
/** It will not come any more once it has been missing. */
let own: Schedstat | undefined = process.platform === 'linux' ? new Schedstat('/proc/thread-self/schedstat') : undefined;

/**
 * How long the calling thread has had a processor since it began, in ms.
 *
 * @returns `undefined` where nothing tells it: Node before 22.19 on other systems than Linux.
 */
export function threadCpu(): number | undefined {
  if (told !== undefined) {
    const { user, system } = told();
    return (user + system) / 1000;
  }
  return fromKernel()?.computing;
}

/**
 * How long the calling thread could have run and had no processor since it began, in ms.
 *
 * @returns `undefined` on other systems than Linux.
 */
export function threadQueued(): number | undefined {
  return fromKernel()?.waiting;
}

function fromKernel(): ThreadTimes | undefined {
  if (own === undefined) return undefined;
  // The kernel writes down what a thread has used when it switches, else every few ms. To ask for the usage of the whole process makes it do so now.
  process.cpuUsage();
  const times = own.read();
  if (times === undefined) own = undefined;
  return times;
}
