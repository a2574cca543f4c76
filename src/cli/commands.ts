import { adviseExamples, adviseNotes, adviseOptions } from './advise-options.js';
import type { Command } from './command.js';
import { compareExamples, compareNotes, compareOptions } from './compare-options.js';
import { mapCommand } from './map-command.js';
import { mapExamples, mapNotes, mapOptions } from './map-options.js';
import { resumeLine } from './resume-line.js';

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
  {
    name: 'map',
    about: 'Run a function over many inputs',
    options: mapOptions,
    examples: mapExamples,
    notes: mapNotes,
    run: ({ spec, inputs, values, argv }) => mapCommand(spec, inputs, values, resumeLine(argv)),
  },
  {
    name: 'advise',
    about: 'Measure a function and say how to run it',
    options: adviseOptions,
    examples: adviseExamples,
    notes: adviseNotes,
    run: async (line) => (await import('./advise-command.js')).adviseCommand(line),
  },
  {
    name: 'compare',
    about: 'Run the inputs in every way and print how each did',
    options: compareOptions,
    examples: compareExamples,
    notes: compareNotes,
    run: async (line) => (await import('./compare-command.js')).compareCommand(line),
  },
];
