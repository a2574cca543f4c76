import { bare } from '../core/index.js';
import type { Boot, FunctionRef } from '../wire/index.js';
import type { PortableFunction } from './portable-function.js';
import type { Step } from './start-watch.js';

const MORE = 'A slow one is given more time with startTimeout';
const IMPORT = `A loop, or an await that never ends, at the top of that module is the most likely reason. ${MORE}`;

const moduleOf = (ref: FunctionRef | undefined): string | undefined => (ref?.kind === 'export' ? ref.url : undefined);

/** The step of a worker that is not up: all steps together have one time. */
export function setupStep(boot: Boot, at: { step: number; isLoaded: boolean } | undefined): Step {
  const step = at && boot.setup[at.step];
  if (at === undefined || step === undefined) {
    const hint = `What it loads before all else (--import, NODE_OPTIONS) may be the reason, or a machine that has too much to do. ${MORE}`;
    return bare({ key: 'set-up', doing: 'it had not come to run anything', hint });
  }
  const { ref } = step;
  const module = moduleOf(ref);
  if (at.isLoaded)
    return bare({ key: 'set-up', doing: `its initializer ${ref.name} had not ended`, hint: `It may wait for what never comes. ${MORE}` });
  return { key: 'set-up', doing: `it was still importing ${module} for its initializer ${ref.name}`, hint: IMPORT, module };
}

/** The step of a worker that is up and has a call, or a broadcast, that it does not run. */
export function callStep(seq: number, { ref }: PortableFunction, name: string, isLoading: boolean): Step {
  if (isLoading) {
    const module = moduleOf(ref);
    return { key: `load ${seq}`, doing: `it was still importing ${module} for the call of ${name}`, hint: IMPORT, module };
  }
  const doing = `it had not taken the call of ${name}, though nothing else ran there`;
  const hint = `What an earlier call has left behind (a loop in a timer) may hold its thread, or somebody has stopped it. ${MORE}`;
  return bare({ key: `take ${seq}`, doing, hint });
}
