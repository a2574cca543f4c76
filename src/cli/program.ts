import { readFileSync } from 'node:fs';
import { cac } from 'cac';
import { allBare, bare, didYouMean, UTF8 } from '../core/index.js';
import { commands } from './commands.js';
import { ExitCode, UsageError } from './exit-code.js';
import { type OptionSpec, readValues, takeApart } from './option-table.js';
import { screenOf } from './screen.js';

const everywhere: readonly OptionSpec[] = allBare<OptionSpec>([
  { name: 'help', short: 'h', about: 'Show this help' },
  { name: 'version', short: 'v', about: 'Show the version' },
]);

/** Carries out a command line, given without the program's own name. Gives the exit code. */
export async function program(argv: readonly string[]): Promise<number> {
  const [first, ...rest] = argv;
  if (first === '--version' || first === '-v') return say(version());
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
    help(commands.some(({ name }) => name === rest[0]) ? rest[0] : undefined);
    return first === undefined ? ExitCode.usage : ExitCode.ok;
  }
  const command = commands.find(({ name }) => name === first);
  if (command === undefined) throw new UsageError(unknown(first));
  const words = takeApart(rest, [...command.options, ...everywhere]);
  for (const { name } of words.given.keys()) {
    if (name === 'help') return help(first);
    if (name === 'version') return say(version());
  }
  const [spec, ...inputs] = words.args;
  return command.run({ spec, inputs, values: readValues(words), argv });
}

/** Writes the help of a command, or of all. */
function help(command?: string): number {
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
  cli.parse(['node', 'meantime', ...(command === undefined ? [] : [command]), '--help'], { run: false });
  return ExitCode.ok;
}

function say(text: string): number {
  screenOf(process.stdout).write(`${text}\n`);
  return ExitCode.ok;
}

function unknown(first: string): string {
  const names = ['help', ...commands.map(({ name }) => name)];
  const what = first.startsWith('-') ? `There is no option ${first} without a command` : `There is no command "${first}"`;
  return `${what}${didYouMean(first, names) || `; the commands are ${names.map((name) => `"${name}"`).join(', ')}`}`;
}

function version(): string {
  return bare(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), UTF8))).version;
}
