import { warningOf } from '../../core/index.js';
/** A heading and the frames below it; nothing is said of what is not known. */
export type Section = readonly [heading: string, frames: string | undefined];

let exiting = false;
process.once('exit', () => {
  exiting = true;
});

/** One warning of debug mode, with stacks. */
export function warn(type: string, code: string, text: string, sections: readonly Section[]): void {
  const stacks = sections.filter(([, frames]) => frames).map(([heading, frames]) => `\n    --- ${heading} ---\n${frames}`);
  const warning = warningOf(type, code, `${text}${stacks.join('')}`);
  // `emitWarning` waits for the next tick, and there is none after the exit.
  if (exiting) process.emit('warning', warning);
  else process.emitWarning(warning);
}
