import { readFileSync } from 'node:fs';
import { cac } from 'cac';
import { didYouMean } from '../core/index.js';
import { UsageError } from './exit-code.js';
import { mapCommand } from './map-command.js';
import { mapExamples, mapNotes, mapOptions } from './map-options.js';
import { normalise, type OptionSpec, original, readValues } from './option-table.js';

const everywhere: readonly OptionSpec[] = [
  { name: 'help', short: 'h', about: 'Show this help' },
  { name: 'version', short: 'v', about: 'Show the version' },
];

const commands = ['map', 'help'];

/** Carries out a command line, given without the program's own name. Gives the exit code. */
export async function program(argv: readonly string[]): Promise<number> {
  const cli = cac('meantime');
  cli.usage('COMMAND [OPTIONS]');
  const map = cli.command('map [function] [...inputs]', 'Run a function over many inputs').usage('map FUNCTION [INPUTS...] [OPTIONS]');
  for (const { name, short, value, about } of mapOptions) {
    const flags = `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` <${value}>`}`;
    map.option(flags, about);
  }
  for (const example of mapExamples) map.example(`  ${example}`);
  cli.help((sections) => {
    const forMap = sections.some(({ title, body }) => title === 'Usage' && body.includes(' map '));
    return [...sections.filter(({ body }) => !body.startsWith('meantime')), ...(forMap ? [{ body: mapNotes }] : [])];
  });

  const [first, ...rest] = argv;
  if (first === '--version' || first === '-v') {
    console.log(version());
    return 0;
  }
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
    const of = rest[0] === 'map' ? ['map', '--help'] : ['--help'];
    cli.parse(['node', 'meantime', ...of], { run: false });
    return first === undefined ? 2 : 0;
  }
  if (first !== 'map') {
    const what = first.startsWith('-') ? `There is no option ${first} without a command` : `There is no command "${first}"`;
    throw new UsageError(`${what}${didYouMean(first, commands) || '; the command is "map"'}`);
  }

  const specs = [...mapOptions, ...everywhere];
  const { args, options } = cli.parse(['node', 'meantime', 'map', ...normalise(rest, specs)], { run: false });
  if (Object.hasOwn(options, 'help')) return 0;
  const [spec, ...inputs] = args.map(original);
  return mapCommand(spec, inputs, readValues(options, mapOptions), again(argv));
}

/** The same command line, as one would type it, to go on with the run. */
function again(argv: readonly string[]): string {
  const words = argv.filter((word) => word !== '--force' && word !== '--resume' && word !== '--retry-failed');
  const dashes = words.indexOf('--');
  words.splice(dashes < 0 ? words.length : dashes, 0, '--resume');
  return `meantime ${words.map((word) => (/^[\w@%+=:,./#-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ')}`;
}

function version(): string {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;
}
