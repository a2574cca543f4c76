import { readFileSync } from 'node:fs';
import { UTF8 } from '../core/index.js';

/**
 * How many cores the container of this process may use by its quota, which Node counts from version 22.12 or so on and before that does not.
 *
 * @param root Where the file system of control groups and `proc` are found; another one is for tests.
 * @returns Infinity without a quota, and where there are no control groups.
 */
export function coreQuota(root = ''): number {
  const [unified, cpu] = groupsOf(text(`${root}/proc/self/cgroup`));
  const quotas = [
    ...upwards(unified).map((group) => fromPair(text(`${root}/sys/fs/cgroup${group}/cpu.max`))),
    ...upwards(cpu).map((group) => {
      const folder = `${root}/sys/fs/cgroup/cpu${group}`;
      return fromPair(`${text(`${folder}/cpu.cfs_quota_us`)} ${text(`${folder}/cpu.cfs_period_us`)}`);
    }),
  ];
  return Math.min(Number.POSITIVE_INFINITY, ...quotas);
}

/** The group of version 2, and that of the controller `cpu` of version 1. */
function groupsOf(table: string): [string | undefined, string | undefined] {
  let unified: string | undefined;
  let cpu: string | undefined;
  for (const line of table.split('\n')) {
    const [id, controllers, ...path] = line.split(':');
    if (id === '0' && controllers === '') unified = path.join(':');
    else if (controllers?.split(',').includes('cpu')) cpu = path.join(':');
  }
  return [unified, cpu];
}

/** A group and all that it is in: the tightest quota counts. Inside a container the path may be that of the host, where only the root is there. */
function upwards(group: string | undefined): string[] {
  if (group === undefined) return [];
  const parts = group.split('/').filter((part) => part !== '' && part !== '..');
  return [...parts.map((_, i) => `/${parts.slice(0, parts.length - i).join('/')}`), ''];
}

/** `200000 100000`: so many microseconds of processor in so many. `max` and -1 are no quota. */
function fromPair(pair: string): number {
  const [quota, period] = pair.trim().split(/\s+/).map(Number);
  return quota > 0 && period > 0 ? quota / period : Number.POSITIVE_INFINITY;
}

function text(path: string): string {
  try {
    return readFileSync(path, UTF8);
  } catch {
    return ''; // no such group here, or no control groups at all: then there is no quota
  }
}
