import { UTF8 } from '../../core/index.js';
/** What the threads beside the calling one have had, in ms since each began. */
export interface OtherThreads {
  /** On a processor. */
  readonly computed: number;
  /** In line for one. */
  readonly queued: number;
}

const TASKS = '/proc/self/task';
/** Of Node's platform, beside its workers: the one that keeps timers for them. */
const TIMERS = 1;
/** How many workers it has unless told otherwise. */
const WORKERS = 4;

let helpers: ReadonlySet<string> | undefined;

/**
 * What the threads of this process have had, without the calling one and without those on which the engine compiles and collects garbage: what is left is Node's pool, and
 * whatever native code has started.
 *
 * @returns `undefined` on other systems than Linux.
 */
export function otherThreads(): OtherThreads | undefined {
  if (process.platform !== 'linux') return undefined;
  const { readFileSync, readdirSync, readlinkSync } = process.getBuiltinModule('node:fs');
  try {
    const tasks = readdirSync(TASKS);
    const self = readlinkSync('/proc/thread-self').split('/').at(-1);
    helpers ??= helpersAmong(tasks, (task) => readFileSync(`${TASKS}/${task}/comm`, UTF8).trim());
    let [computed, queued] = [0, 0];
    for (const task of tasks) {
      if (task === self || helpers.has(task)) continue;
      const [on, inLine] = readFileSync(`${TASKS}/${task}/schedstat`, UTF8).split(' ');
      computed += Number(on) / 1e6;
      queued += Number(inLine) / 1e6;
    }
    return { computed, queued };
  } catch {
    return undefined; // no /proc, no statistics, or a thread that ended just now: the usage of the whole process has to do
  }
}

/** Since Node 24 they have a name; before that they are the first that a process starts. */
function helpersAmong(tasks: readonly string[], nameOf: (task: string) => string): Set<string> {
  const named = tasks.filter((task) => nameOf(task).startsWith('V8Worker'));
  if (named.length > 0) return new Set(named);
  const others = tasks.filter((task) => task !== String(process.pid)).sort((a, b) => Number(a) - Number(b));
  return new Set(others.slice(0, TIMERS + poolSize()));
}

function poolSize(): number {
  const flag = process.execArgv.find((arg) => arg.startsWith('--v8-pool-size='));
  const size = Number(flag?.slice(flag.indexOf('=') + 1));
  return Number.isInteger(size) && size >= 0 ? size : WORKERS;
}
