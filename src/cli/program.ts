import { readFileSync } from 'node:fs';
import { cac } from 'cac';
import { didYouMean } from '../core/index.js';
import { commands } from './commands.js';
import { UsageError } from './exit-code.js';
import { normalise, type OptionSpec, original, readValues } from './option-table.js';

const everywhere: readonly OptionSpec[] = [
  { name: 'help', short: 'h', about: 'Show this help' },
  { name: 'version', short: 'v', about: 'Show the version' },
];

/** Carries out a command line, given without the program's own name. Gives the exit code. */
export async function program(argv: readonly string[]): Promise<number> {
  const cli = commandLine();
  const [first, ...rest] = argv;
  if (first === '--version' || first === '-v') {
    console.log(version());
    return 0;
  }
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
    const of = commands.some(({ name }) => name === rest[0]) ? [rest[0], '--help'] : ['--help'];
    cli.parse(['node', 'meantime', ...of], { run: false });
    return first === undefined ? 2 : 0;
  }
  const command = commands.find(({ name }) => name === first);
  if (command === undefined) throw new UsageError(unknown(first));
  const { args, options } = cli.parse(['node', 'meantime', first, ...normalise(rest, [...command.options, ...everywhere])], { run: false });
  if (Object.hasOwn(options, 'help')) return 0;
  const [spec, ...inputs] = args.map(original);
  return command.run({ spec, inputs, values: readValues(options, command.options), argv });
}

/** The parser, which also writes the help. */
function commandLine() {
  const cli = cac('meantime');
  cli.usage('COMMAND [OPTIONS]');
  for (const { name, about, options, examples } of commands) {
    const command = cli.command(`${name} [function] [...inputs]`, about).usage(`${name} FUNCTION [INPUTS...] [OPTIONS]`);
    for (const { name: option, short, value, about: says } of options) {
      command.option(`${short === undefined ? '' : `-${short}, `}--${option}${value === undefined ? '' : ` <${value}>`}`, says);
    }
    for (const example of examples) command.example(`  ${example}`);
  }
  cli.help((sections) => {
    const usage = sections.find(({ title }) => title === 'Usage')?.body ?? '';
    const shown = commands.find(({ name }) => usage.includes(` ${name} `));
    return [...sections.filter(({ body }) => !body.startsWith('meantime')), ...(shown === undefined ? [] : [{ body: shown.notes }])];
  });
  return cli;
}

function unknown(first: string): string {
  const names = ['help', ...commands.map(({ name }) => name)];
  const what = first.startsWith('-') ? `There is no option ${first} without a command` : `There is no command "${first}"`;
  return `${what}${didYouMean(first, names) || `; the commands are ${names.map((name) => `"${name}"`).join(', ')}`}`;
}

function version(): string {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;
}
