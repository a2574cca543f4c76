/** Of util-linux: sets what the kernel does to a process at its parent's death, and becomes the program that it is told. */
const SETPRIV = '/usr/bin/setpriv';

let known: boolean | undefined;

/**
 * Whether the kernel can be told to kill a process when the thread that started it is gone. Where it can, that is the better watch: it is at once, and costs a few hundred
 * microseconds and no memory, where a thread in each process costs as much as half a start of Node and 7 MB. Busybox has a `setpriv` that cannot.
 */
export function hasDeathSignal(): boolean {
  known ??= process.platform === 'linux' && (process.arch === 'x64' || process.arch === 'arm64') && canSet();
  return known;
}

function canSet(): boolean {
  try {
    return process.getBuiltinModule('node:fs').readFileSync(SETPRIV).includes('pdeathsig');
  } catch {
    return false; // it is not there, or not ours to read: which is the question
  }
}

/** The command line that runs a program with that signal set. The process keeps its id. */
export const armed = (command: string, args: readonly string[]): [string, string[]] => [
  SETPRIV,
  ['--pdeathsig', 'KILL', '--', command, ...args],
];
