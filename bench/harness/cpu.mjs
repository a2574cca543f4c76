import { readdirSync, readFileSync } from 'node:fs';

function scheduled(path) {
  return Number(readFileSync(path, 'utf8').split(' ', 1)[0]) / 1000;
}

/** How the processor time of the main thread is read on this Node and system. */
export const threadCpuSource = (() => {
  if (typeof process.threadCpuUsage === 'function') return 'process.threadCpuUsage';
  try {
    scheduled('/proc/thread-self/schedstat');
    return '/proc/thread-self/schedstat';
  } catch {
    // No Linux: what is left counts the workers in, so it is an upper bound and is named as one.
    return 'process.cpuUsage, workers included';
  }
})();

/** Processor time of the calling thread so far, in µs. */
export function threadCpu() {
  if (threadCpuSource === 'process.threadCpuUsage') {
    const { user, system } = process.threadCpuUsage();
    return user + system;
  }
  if (threadCpuSource === '/proc/thread-self/schedstat') return scheduled(threadCpuSource);
  return processCpu();
}

/** Processor time of this process so far, all threads, in µs. */
export function processCpu() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** The process ids of all processes below this one; none where there is no /proc. */
export function family() {
  const parents = new Map();
  for (const pid of existing('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      parents.set(pid, stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    } catch (error) {
      if (error.code !== 'ENOENT' && error.code !== 'ESRCH') throw error; // it ended between the two reads
    }
  }
  const found = new Set([String(process.pid)]);
  for (let grew = true; grew; ) {
    grew = false;
    for (const [pid, parent] of parents) {
      if (found.has(parent) && !found.has(pid)) grew = Boolean(found.add(pid));
    }
  }
  found.delete(String(process.pid));
  return [...found];
}

/** Processor time so far of other processes, in µs. */
export function cpuOf(pids) {
  return pids
    .flatMap((pid) => readdirSync(`/proc/${pid}/task`).map((task) => `/proc/${pid}/task/${task}/schedstat`))
    .reduce((sum, path) => sum + scheduled(path), 0);
}

function existing(folder) {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}
