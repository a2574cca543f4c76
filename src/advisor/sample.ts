import { OptionError } from '../core/index.js';
import { mindPromises, mustBeInputs } from '../futures/index.js';

/** How many inputs are looked at: more would hardly say more, and they all travel to the probe. */
export const MOST_INPUTS = 100;

/**
 * The first of some inputs, of which there may be no end.
 *
 * @throws {OptionError} if there is none, or they cannot be iterated.
 */
export async function sampleOf(who: string, inputs: Iterable<unknown> | AsyncIterable<unknown>): Promise<unknown[]> {
  mustBeInputs(who, inputs);
  mindPromises(inputs);
  const sample: unknown[] = [];
  for await (const input of inputs) {
    sample.push(input);
    if (sample.length === MOST_INPUTS) break;
  }
  if (sample.length === 0) throw new OptionError(`${who} expects at least one sample input, got none: it calls the function to measure it`);
  return sample;
}
