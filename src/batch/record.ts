import { InputError, MeantimeError } from '../core/index.js';
import type { Settled } from '../futures/index.js';
import { errorRecord, toJson } from './json.js';

/** How the lines of a results file begin; what follows is the index. */
export const INDEX = '{"index":';

/** The line, without its end, that records an outcome. A value that cannot be written is recorded as a failure: no outcome is without a line. */
export function recordLine(outcome: Settled<unknown, unknown>): { line: string; failed: boolean } {
  const { index } = outcome;
  const head = `${INDEX}${index},"input":${inputJson(outcome.input)}`;
  if (outcome.status === 'fulfilled') {
    try {
      return { line: `${head},"status":"fulfilled","value":${toJson(outcome.value)}}`, failed: false };
    } catch (cause) {
      return {
        line: rejected(head, new MeantimeError(`The result for input ${index} cannot be written as JSON`, { cause })),
        failed: true,
      };
    }
  }
  return { line: rejected(head, outcome.reason), failed: true };
}

/** An input as a record keeps it, the same text whenever it is read from the same source. */
export function inputJson(input: unknown): string {
  try {
    return toJson(input);
  } catch (error) {
    return toJson(`an input that cannot be written as JSON: ${String(error)}`);
  }
}

function rejected(head: string, reason: unknown): string {
  // Of a malformed line the place is in the message; a stack would only show where this library noticed.
  const record = errorRecord(reason, !(reason instanceof InputError));
  return `${head},"status":"rejected","error":${toJson(record)}}`;
}
