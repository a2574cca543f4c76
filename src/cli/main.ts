#!/usr/bin/env node
import { ExitCode, UsageError } from './exit-code.js';
import { program } from './program.js';

// Nobody reads what is told: no reason to stop the work.
process.stderr.on('error', () => undefined);

try {
  // The user's module may hold the event loop open with a connection of its own; all results are written by now.
  process.exit(await program(process.argv.slice(2)));
} catch (error) {
  if (error instanceof UsageError) {
    process.stderr.write(`meantime: ${error.message}\n`);
    process.exit(ExitCode.usage);
  }
  throw error;
}
