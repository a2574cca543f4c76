import type { Command } from './command.js';
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
];
