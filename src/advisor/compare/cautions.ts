import type { Caution } from '../advice.js';
import type { Row } from './comparison.js';

/** What the rows say about the function that a choice between them has to reckon with. */
export function cautionsOf(rows: readonly Row[], inputs: number, cannotTravel: string | undefined): Caution[] {
  const [loop, ...others] = rows;
  const cautions: Caution[] = [];
  const say = (code: Caution['code'], text: string) => cautions.push({ code, text });
  if (cannotTravel !== undefined) {
    say('cannot-travel', `It cannot run in workers, so only one at a time and tasks were compared. ${cannotTravel}`);
  }
  if (loop.state === 'never-returned') say('never-returned', `One at a time, ${loop.reason}.`);
  else if (loop.rounds === 0 && loop.state === 'failed') say('ended-its-process', `One at a time, ${loop.reason}.`);
  if (loop.failed > 0) say('failed', `${calls(loop.failed, inputs)} failed one at a time, the first with ${loop.error}`);
  for (const row of others) {
    if (row.failed > loop.failed && row.rounds > 0) {
      say('failed', `${calls(row.failed, inputs)} failed on ${row.label}, the first with ${row.error}`);
    }
  }
  const other = others.find(({ differing }) => differing > 0);
  if (loop.differing > 0) {
    say(
      'keeps-state',
      'Answers differ from run to run, also one at a time (the time, chance, something outside), so they could not be compared.',
    );
  } else if (other !== undefined) {
    say(
      'keeps-state',
      `Answers differ: on ${other.label}, ${other.differing} of ${inputs} were others than one at a time. The function keeps state from call to call, changes its inputs, or depends on something outside.`,
    );
  }
  return cautions;
}

const calls = (failed: number, inputs: number): string =>
  failed === inputs ? (inputs === 1 ? 'The call' : `All ${inputs} calls`) : `${failed} of ${inputs} calls`;
