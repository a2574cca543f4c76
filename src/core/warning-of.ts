import { shownLines } from './shown.js';

/**
 * A warning for `process.emitWarning`. Node prints the name, the code and the text of a warning as
 * they are, so a foreign error is never one: it goes into the text, and is the `cause`.
 */
export function warningOf(name: string, code: string | undefined, text: string, cause?: unknown): Error {
  const warning = new Error(shownLines(text), cause === undefined ? undefined : { cause });
  return Object.assign(warning, { name }, code === undefined ? undefined : { code });
}
