import { bare, variable } from '../core/index.js';

/** Options of `node` that say what the program itself is; a worker that inherited them would refuse to start, or run the program again. */
const OWN_ALONE = /^(-i|--interactive|-c|--check|--test|--test-only|--watch|--(eval|print|input-type|watch-path|run)=.*)$/;
const OWN_WITH_VALUE = /^(-e|-p|-pe|--eval|--print|--input-type|--watch-path|--run)$/;

/**
 * Options of the inspector: a worker with those of this process would ask for the same port, or
 * wait for somebody to attach.
 */
const INSPECTOR = /^--(inspect(-brk|-brk-node|-wait|-port|-publish-uid)?|debug-port)(=.*)?$/;
const INSPECTOR_WITH_VALUE = /^--(inspect-port|inspect-publish-uid|debug-port)$/;

/** As Node reads them: an underscore is a dash. */
const spelled = (arg: string): string => {
  const [name, ...value] = arg.split('=');
  return [name.startsWith('--') ? name.replaceAll('_', '-') : name, ...value].join('=');
};

/** This process's options for `node`, as its workers should have them: loaders and flags, without what names the program. */
export function inheritedExecArgv(argv: readonly string[] = process.execArgv): string[] {
  const kept = withoutInspector(argv);
  const out: string[] = [];
  for (let i = 0; i < kept.length; i++) {
    const arg = spelled(kept[i]);
    if (OWN_WITH_VALUE.test(arg)) i++;
    else if (!OWN_ALONE.test(arg)) out.push(kept[i]);
  }
  return out;
}

/**
 * The environment of a worker: the one that was chosen for it, or this process's, but for the
 * inspector's options in a `NODE_OPTIONS` that is this process's own. One that was written for the
 * workers is theirs.
 */
export function workerEnv(env: NodeJS.ProcessEnv | undefined): NodeJS.ProcessEnv | undefined {
  const own = variable('NODE_OPTIONS');
  const from = bare(env ?? process.env);
  if (own === undefined || from.NODE_OPTIONS !== own) return env;
  const all = words(own);
  const kept = withoutInspector(all);
  return kept.length === all.length ? env : bare(from, { NODE_OPTIONS: kept.map(quoted).join(' ') });
}

function withoutInspector(argv: readonly string[]): string[] {
  const out: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const arg = spelled(argv[i]);
    if (INSPECTOR_WITH_VALUE.test(arg)) i++;
    else if (!INSPECTOR.test(arg)) out.push(argv[i]);
  }
  return out;
}

/**
 * The words of a NODE_OPTIONS: parted by spaces; within double quotes a space is none, and a
 * backslash takes the next character as it is.
 */
function words(options: string): string[] {
  const found: string[] = [];
  let word: string | undefined;
  let isQuoted = false;
  for (let i = 0; i < options.length; i++) {
    let c = options[i];
    if (c === '"') {
      isQuoted = !isQuoted;
      word ??= '';
      continue;
    }
    if (c === ' ' && !isQuoted) {
      if (word !== undefined) found.push(word);
      word = undefined;
      continue;
    }
    if (c === '\\' && isQuoted && i + 1 < options.length) c = options[++i];
    word = (word ?? '') + c;
  }
  if (word !== undefined) found.push(word);
  return found;
}

const quoted = (word: string): string => (/[ "\\]/.test(word) || word === '' ? `"${word.replace(/["\\]/g, '\\$&')}"` : word);
