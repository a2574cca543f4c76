import type { Program, Step } from './program.js';

/**
 * Makes a program smaller as long as it still shows what it is to show: without a task, without a step, with a block's steps in place of the block, with shorter times.
 *
 * @param shows Is asked of each smaller program.
 */
export async function shrink(program: Program, shows: (smaller: Program) => Promise<boolean>): Promise<Program> {
  let best = program;
  for (let found = true; found; ) {
    found = false;
    for (const smaller of smallerOnes(best)) {
      if (!(await shows(smaller))) continue;
      best = smaller;
      found = true;
      break;
    }
  }
  return best;
}

function* smallerOnes(program: Program): Generator<Program, void, undefined> {
  for (const name of Object.keys(program.tasks)) if (name !== 'main') yield without(program, name);
  for (const [name, steps] of Object.entries(program.tasks)) {
    const all = name === 'main' ? smallerMain(steps) : smallerSteps(steps);
    for (const smaller of all) yield { ...program, tasks: { ...program.tasks, [name]: smaller } };
  }
  const text = JSON.stringify(program.tasks);
  for (const name of Object.keys(program.shared)) {
    if (text.includes(`"${name}"`)) continue;
    const { [name]: _, ...shared } = program.shared;
    yield { ...program, shared };
  }
}

/** The time limit around everything stays, or a program might wait for ever; and so does the group, in which the others are spawned. */
function* smallerMain(steps: readonly Step[]): Generator<Step[], void, undefined> {
  const limit = steps[0] as Step & Blocks;
  const group = limit.steps?.[0] as Step & Blocks;
  for (const smaller of smallerSteps(group.steps ?? [])) yield [{ ...limit, steps: [{ ...group, steps: smaller } as Step] } as Step];
}

function without(program: Program, name: string): Program {
  const drop = (steps: readonly Step[]): Step[] =>
    steps
      .filter((step) => !('task' in step && step.task === name))
      .map((step) => {
        if (step.do === 'gather') return { ...step, tasks: step.tasks.filter((other) => other !== name) };
        return withBlocks(step, drop);
      })
      .filter((step) => step.do !== 'gather' || step.tasks.length > 0);
  const tasks = Object.entries(program.tasks).filter(([other]) => other !== name);
  return { ...program, tasks: Object.fromEntries(tasks.map(([other, steps]) => [other, drop(steps)])) };
}

const blocks = ['steps', 'error', 'cancel', 'finally'] as const;
type Blocks = { readonly [K in (typeof blocks)[number]]?: readonly Step[] };

function withBlocks(step: Step, change: (steps: readonly Step[]) => Step[]): Step {
  const changed: Record<string, unknown> = { ...step };
  for (const key of blocks) {
    const inner = (step as Blocks)[key];
    if (inner !== undefined) changed[key] = change(inner);
  }
  return changed as unknown as Step;
}

/** The steps with one thing less, in every way there is. */
function* smallerSteps(steps: readonly Step[]): Generator<Step[], void, undefined> {
  for (const [i, step] of steps.entries()) {
    const put = (...others: Step[]): Step[] => [...steps.slice(0, i), ...others, ...steps.slice(i + 1)];
    yield put();
    const inner = (step as Blocks).steps;
    // What is inside a condition needs it, and what is inside a shield has to end by itself.
    if (inner !== undefined && step.do !== 'condition') yield put(...inner);
    for (const key of blocks) {
      const block = (step as Blocks)[key];
      if (block === undefined) continue;
      if (key !== 'steps') {
        const { [key]: _, ...rest } = step as Blocks & Step;
        yield put(rest as Step);
      }
      if (step.do === 'shield') {
        const limit = block[0] as Step & { readonly steps: readonly Step[] };
        for (const smaller of smallerSteps(limit.steps)) yield put({ ...step, steps: [{ ...limit, steps: smaller } as Step] });
      } else for (const smaller of smallerSteps(block)) yield put({ ...step, [key]: smaller } as Step);
    }
    if ('for' in step && step.for > 1) yield put({ ...step, for: step.for - 1 });
  }
}
