/** Newer Nodes tell it; the types are those of the oldest. */
type ThreadCpuUsage = () => { user: number; system: number };

const told = (process as { threadCpuUsage?: ThreadCpuUsage }).threadCpuUsage;
const scratch = new Uint8Array(64);
const digits = new TextDecoder('latin1');

/** Of this thread's file in /proc, kept open: to open it costs ten times as much as to read it. */
let file: number | undefined;
let isMissing = false;

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
  return fromKernel(0);
}

/**
 * How long the calling thread could have run and had no processor since it began, in ms.
 *
 * @returns `undefined` on other systems than Linux.
 */
export function threadQueued(): number | undefined {
  return fromKernel(1);
}

/** @param field Nanoseconds on a processor, nanoseconds in line for one. */
function fromKernel(field: 0 | 1): number | undefined {
  if (isMissing || process.platform !== 'linux') return undefined;
  const fs = process.getBuiltinModule('node:fs');
  try {
    file ??= fs.openSync('/proc/thread-self/schedstat', 'r');
    // The kernel writes down what a thread has used when it switches, else every few ms. To ask for the usage of the whole process makes it do so now.
    process.cpuUsage();
    const read = fs.readSync(file, scratch, 0, scratch.length, 0);
    return Number(digits.decode(scratch.subarray(0, read)).split(' ')[field]) / 1e6;
  } catch {
    isMissing = true; // no /proc, or a kernel without the statistics: it will not come
    return undefined;
  }
}
