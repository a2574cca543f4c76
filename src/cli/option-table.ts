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

/** A command line, taken apart. */
export interface Words {
  /** The arguments that are no option and no value of one, in order. */
  readonly args: string[];
  /** The texts given for each option, by its name; for a switch an empty one each time. */
  readonly given: Map<OptionSpec, string[]>;
}

/**
 * Takes a command line apart. Names may not be cut short: a script that does so breaks when an
 * option is added. A value may begin with a dash, and stays the text that it is: a file may be
 * named 007.
 *
 * @throws {UsageError} for an option that is not there, a value that is missing, or one too many.
 */
export function takeApart(argv: readonly string[], specs: readonly OptionSpec[]): Words {
  const args: string[] = [];
  const given = new Map<OptionSpec, string[]>();
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i];
    if (arg === '--') {
      for (const rest of argv.slice(i + 1)) args.push(rest);
      break;
    }
    if (arg === '-' || !arg.startsWith('-')) {
      args.push(arg);
      continue;
    }
    const dashes = arg.startsWith('--') ? '--' : '-';
    const equals = arg.indexOf('=');
    const name = arg.slice(dashes.length, equals < 0 ? undefined : equals);
    const text = equals < 0 ? undefined : arg.slice(equals + 1);
    const spec = specs.find((s) => (dashes === '--' ? s.name : s.short) === name);
    if (spec === undefined) throw new UsageError(unknown(arg, dashes, name, specs));
    if (spec.value === undefined && text !== undefined) {
      throw new UsageError(`--${spec.name} is a switch and takes no value, got "${text}"`);
    }
    const value = spec.value === undefined ? '' : (text ?? argv[++i]);
    if (value === undefined) throw new UsageError(`--${spec.name} expects a value: --${spec.name} ${spec.value}`);
    const before = given.get(spec);
    if (before === undefined) given.set(spec, [value]);
    else before.push(value);
  }
  return { args, given };
}

/** The values of options, read. They are by option name. @throws {UsageError} */
export function readValues({ given }: Words): Map<string, unknown> {
  const values = new Map<string, unknown>();
  for (const [spec, texts] of given) {
    if (spec.value === undefined) {
      values.set(spec.name, true);
      continue;
    }
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
