#!/usr/bin/env node
import { MeantimeError, propertyOf } from '../core/index.js';
import { endSurely, watchEnd } from './ending.js';
import { ExitCode, UsageError } from './exit-code.js';
import { program } from './program.js';
import { screenOf } from './screen.js';

// Nobody reads what is told: no reason to stop the work.
process.stderr.on('error', () => undefined);
const screen = screenOf(process.stderr);
watchEnd();

try {
  // The user's module may hold the event loop open with a connection of its own; all results are written by now.
  await endSurely(await program(process.argv.slice(2)));
} catch (error) {
  // What the rooms below throw before anything has run is about the options, an input or an output as well.
  if (error instanceof UsageError || error instanceof MeantimeError) {
    screen.say(`meantime: ${error.message}`);
    await endSurely(outOfSpace(error) ? ExitCode.failed : ExitCode.usage);
  }
  // Thrown on, it would come to the handlers that the user's module may have set.
  screen.say(`${error instanceof Error ? error.stack : error}`);
  await endSurely(ExitCode.failed);
}

/** A full disk is no mistake of whoever typed the command, also when it is full from the start. */
function outOfSpace(error: Error): boolean {
  const cause = propertyOf(error, 'cause');
  const code = cause instanceof Error ? propertyOf(cause, 'code') : undefined;
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
}
