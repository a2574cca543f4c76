import type { OptionSpec } from './option-table.js';

/** A command line, read. */
export interface CommandLine {
  /** The function, as it was named; `undefined` if there was none. */
  readonly spec: string | undefined;
  /** What was given after it. */
  readonly inputs: readonly string[];
  /** The values of its options, by their names. */
  readonly values: ReadonlyMap<string, unknown>;
  /** All of it, as it was typed, without the program's own name. */
  readonly argv: readonly string[];
}

/** What follows `meantime` on a command line. Every command takes a function and inputs for it. */
export interface Command {
  readonly name: string;
  /** In one line, for the list of commands. */
  readonly about: string;
  readonly options: readonly OptionSpec[];
  /** Shown under "Examples". */
  readonly examples: readonly string[];
  /** Shown at the end of its help. */
  readonly notes: string;
  /** Carries it out. Gives the exit code. */
  run(line: CommandLine): Promise<number>;
}
