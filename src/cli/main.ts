#!/usr/bin/env node
import { MeantimeError } from '../core/index.js';
import { ExitCode, UsageError } from './exit-code.js';
import { program } from './program.js';

// Nobody reads what is told: no reason to stop the work.
process.stderr.on('error', () => undefined);

try {
  // The user's module may hold the event loop open with a connection of its own; all results are written by now.
  process.exit(await program(process.argv.slice(2)));
} catch (error) {
  // What the rooms below throw before anything has run is about the options, an input or an output as well.
  if (error instanceof UsageError || error instanceof MeantimeError) {
    process.stderr.write(`meantime: ${error.message}\n`);
    process.exit(outOfSpace(error) ? ExitCode.failed : ExitCode.usage);
  }
  throw error;
}

/** A full disk is no mistake of whoever typed the command, also when it is full from the start. */
function outOfSpace(error: Error): boolean {
  const code = (error.cause as NodeJS.ErrnoException | undefined)?.code;
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
}
