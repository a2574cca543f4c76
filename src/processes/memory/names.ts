import type { ChildProcess } from 'node:child_process';
import { clock } from '../../core/index.js';
import { startWatchdog } from '../start-watchdog.js';
import { removeFile } from './files.js';

/*
 * The names that this thread has given to blocks, for as long as it is to clean up after them. If it ends as it should, it does so itself; if it is killed, the
 * watchdog does. A name is told to the watchdog before it is there, so there is no moment at which a kill leaves it behind.
 */

/** Path, and what its file is known by; `undefined`: nobody else can have such a path. */
const names = new Map<string, string | undefined>();
/** How long a watchdog lives at least before there is another, in ms. */
const PATIENCE = 1000;
let watchdog: ChildProcess | undefined;

const removeAll = (): void => {
  for (const [path, id] of names) removeFile(path, id);
};

/** Whether somebody here sees to that name already, and to which file of it. */
export const keptName = (path: string): string | undefined => names.get(path);

/** From now on the name is taken away when this process ends. @throws {WorkerStartError} if nobody can be found to see to it. */
export function keepName(path: string, id?: string): void {
  if (watchdog === undefined) {
    watchdog = watch();
    process.on('exit', removeAll);
  }
  names.set(path, id);
  tell([path, id]);
}

/** The name is gone, or not this process's to take away. If it is another file's by now, that one's stays. */
export function dropName(path: string, id?: string): void {
  if (names.get(path) !== id || !names.delete(path)) return;
  tell([path, false]);
  if (names.size > 0) return;
  process.off('exit', removeAll);
  watchdog?.stdin?.end();
  watchdog = undefined;
}

function tell(line: [string, (string | false)?]): void {
  watchdog?.stdin?.write(`${JSON.stringify(line)}\n`);
}

function again(former: ChildProcess): void {
  if (watchdog !== former) return;
  watchdog = watch();
  for (const name of names) tell(name);
}

function watch(): ChildProcess {
  const child = startWatchdog();
  const born = clock.now();
  child.stdin?.on('error', () => undefined); // that it is gone is told by its exit
  child.once('exit', () => {
    if (watchdog !== child) return;
    // Somebody ended it, and there must be one while there are names. If it did not live, the next may not either.
    clock.after(Math.max(0, born + PATIENCE - clock.now()), () => again(child), true);
  });
  return child;
}
