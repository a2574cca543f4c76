import { readdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { clock, UTF8 } from '../../core/index.js';
import { fileId } from '../file-id.js';

/**
 * The process that owns a file, as far as it can be found out. For people to read: nothing is
 * decided by it (rule 3).
 */
export interface Holder {
  pid: number;
  host: string;
  /** When it, or its run, started: an ISO date. */
  since: string;
}

/**
 * Asks Linux which process holds the lock of a file: a journal may be old, and the kernel is not.
 */
export function holderOf(id: string): Holder | undefined {
  if (process.platform !== 'linux') return undefined;
  const inode = id.slice(id.indexOf(':') + 1);
  const lock = new RegExp(`^lock:.*FLOCK\\s+ADVISORY\\s+WRITE\\s+\\S+\\s+\\w+:\\w+:${inode}\\s`, 'm');
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      for (const fd of readdirSync(`/proc/${pid}/fdinfo`)) {
        if (lock.test(readFileSync(`/proc/${pid}/fdinfo/${fd}`, UTF8)) && fileId(`/proc/${pid}/fd/${fd}`) === id) {
          return { pid: Number(pid), host: hostname(), since: new Date(startOf(pid)).toISOString() };
        }
      }
    } catch {
      // It has ended meanwhile, or belongs to another user: then the journal has to do.
    }
  }
  return undefined;
}

/** In ms since the epoch. */
function startOf(pid: string): number {
  const TICK = 10;
  const stat = readFileSync(`/proc/${pid}/stat`, UTF8);
  // The second field is the program's name and may hold anything: fields are counted from its
  // closing bracket.
  const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  const uptime = Number.parseFloat(readFileSync('/proc/uptime', UTF8));
  return clock.wall() - uptime * 1000 + ticks * TICK;
}
