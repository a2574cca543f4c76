import { didYouMean } from '../core/index.js';
import { UsageError } from './exit-code.js';

/** One option of a command: what help says of it, and how its text is read. */
export interface OptionSpec {
  readonly name: string;
  readonly short?: string;
  /** The name of its value in help; none for a switch. */
  readonly value?: string;
  readonly about: string;
  /** May be given several times. */
  readonly many?: boolean;
  readonly read?: (text: string, flag: string) => unknown;
}

/**
 * Put before a value, so that the parser takes it as it is: it makes a number of what looks like one (a file named 007) and
 * an option of what starts with a dash.
 */
const AS_IS = '=';
/** Stands for a lone dash, which the parser would take for an option without a name. */
const DASH = '=-';

/**
 * Checks the options of a command line and writes each as `--name=value`, which the parser reads in one way only. Names may not be
 * cut short: a script that does so breaks when an option is added.
 */
export function normalise(argv: readonly string[], specs: readonly OptionSpec[]): string[] {
  const out: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i];
    if (arg === '--') {
      out.push(...argv.slice(i + 1).map((text) => `${DASH}${text}`));
      break;
    }
    if (arg === '-') out.push(`${DASH}-`);
    else if (!arg.startsWith('-')) out.push(arg);
    else {
      const [, dashes, name, given] = /^(--?)([^=]*)(?:=(.*))?$/s.exec(arg) as RegExpExecArray;
      const spec = specs.find((s) => (dashes === '--' ? s.name : s.short) === name);
      if (spec === undefined) throw new UsageError(unknown(arg, dashes, name, specs));
      if (spec.value === undefined) {
        if (given !== undefined) throw new UsageError(`--${spec.name} is a switch and takes no value, got "${given}"`);
        out.push(`--${spec.name}`);
      } else {
        const value = given ?? argv[++i];
        if (value === undefined) throw new UsageError(`--${spec.name} expects a value: --${spec.name} ${spec.value}`);
        out.push(`--${spec.name}=${AS_IS}${value}`);
      }
    }
  }
  return out;
}

/** A positional argument as it was typed. */
export const original = (arg: string): string => (arg.startsWith(DASH) ? arg.slice(DASH.length) : arg);

/** What the parser found for the options of a table, read. Values are by option name. */
export function readValues(parsed: Readonly<Record<string, unknown>>, specs: readonly OptionSpec[]): Map<string, unknown> {
  const values = new Map<string, unknown>();
  for (const spec of specs) {
    const key = spec.name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    if (!Object.hasOwn(parsed, key)) continue;
    const raw = parsed[key];
    if (spec.value === undefined) {
      if (raw !== undefined) values.set(spec.name, true);
      continue;
    }
    const texts = (Array.isArray(raw) ? raw : [raw]).map((text) => String(text).slice(AS_IS.length));
    if (texts.length > 1 && !spec.many) throw new UsageError(`--${spec.name} was given ${texts.length} times`);
    const read = texts.map((text) => (spec.read ? spec.read(text, `--${spec.name}`) : text));
    values.set(spec.name, spec.many ? read : read[0]);
  }
  return values;
}

function unknown(arg: string, dashes: string, name: string, specs: readonly OptionSpec[]): string {
  if (/^-\d/.test(arg)) return `${arg} looks like an option; write "-- ${arg}" to give it as an input`;
  const hint =
    dashes === '-' && name.length === 1
      ? ''
      : didYouMean(
          name,
          specs.map((s) => s.name),
        ).replace('"', '"--');
  return `There is no option ${dashes}${name}${hint}`;
}
