import { bare } from '../core/index.js';
/** Sent by the kernel at the parent's death. It kills a program that does not listen to it, and nothing else uses it. */
export const DEATH_SIGNAL = 'SIGPWR';

/** Of util-linux: sets what the kernel does to a process at its parent's death, and becomes the program that it is told. */
const SETPRIV = '/usr/bin/setpriv';

let known: boolean | undefined;

/**
 * Whether the kernel can be told to send a process a signal when the thread that started it is gone. That takes effect at once and costs next to nothing, where a thread
 * that watches costs half as much as a start of Node. Busybox has a `setpriv` that cannot.
 */
export function hasDeathSignal(): boolean {
  known ??= process.platform === 'linux' && (process.arch === 'x64' || process.arch === 'arm64') && canSet();
  return known;
}

function canSet(): boolean {
  try {
    return process.getBuiltinModule('node:fs').readFileSync(SETPRIV, bare({})).includes('pdeathsig');
  } catch {
    return false; // it is not there, or not ours to read: which is the question
  }
}

/** The command line that runs a program with that signal set. The process keeps its id. */
export const armed = (command: string, args: readonly string[]): [string, string[]] => [
  SETPRIV,
  ['--pdeathsig', DEATH_SIGNAL, '--', command, ...args],
];
