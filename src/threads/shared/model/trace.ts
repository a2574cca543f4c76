import { type Machine, PASSING } from './machine.js';
import { Kind, type Outcome } from './step.js';

const answers = ['woken', 'not equal', 'timed out'];

/** The schedule that has been executed, as `replay` takes it: who moved, `*` how often in a row. */
export function scheduleOf(machine: Machine): string {
  const n = machine.threads.count;
  const out: string[] = [];
  for (let from = 0; from < machine.depth; ) {
    const token = tokenOf(machine, from, n);
    let to = from + 1;
    while (to < machine.depth && tokenOf(machine, to, n) === token) to++;
    out.push(to - from > 1 ? `${token}*${to - from}` : token);
    from = to;
  }
  return out.join('.');
}

function tokenOf(machine: Machine, event: number, n: number): string {
  const mover = machine.who[event];
  if (mover !== PASSING) return `${['', 'm', 'k', 't'][Math.trunc(mover / n)]}${mover % n}`;
  return `p${members(machine.passed[event]).join('+')}`;
}

/** What a schedule says: movers, and masks of those for whom time passes. */
export function parse(schedule: string, n: number): { mover: number; mask: number }[] {
  if (schedule === '') return [];
  return schedule.split('.').flatMap((token) => {
    const [, kind, who, times] = /^([mktp]?)([\d+]+)(?:\*(\d+))?$/.exec(token) ?? [];
    if (who === undefined) throw new SyntaxError(`no schedule: "${token}" in "${schedule}"`);
    const numbers = who.split('+').map(Number);
    const event =
      kind === 'p'
        ? { mover: PASSING, mask: numbers.reduce((mask, r) => mask | (1 << r), 0) }
        : { mover: ['', 'm', 'k', 't'].indexOf(kind) * n + numbers[0], mask: 0 };
    return Array.from({ length: Number(times ?? 1) }, () => event);
  });
}

/** The numbers in a mask. */
export function members(mask: number): number[] {
  return Array.from({ length: 32 }, (_, i) => i).filter((i) => mask & (1 << i));
}

/** What has been executed, a line an event. */
export function linesOf(machine: Machine): string[] {
  const n = machine.threads.count;
  const lines: string[] = [];
  for (let event = 0; event < machine.depth; event++) {
    const mover = machine.who[event];
    const who = (runner: number): string => (runner < n ? `thread ${runner}` : `mourner of ${runner - n}`);
    let text: string;
    if (mover === PASSING) {
      const late = members(machine.passed[event]).map(who);
      text = `nobody else can move: time runs out for ${late.join(' and ')}`;
    } else if (mover >= 3 * n) text = `${who(mover - 3 * n)}: its time runs out`;
    else if (mover >= 2 * n) text = `${who(mover - 2 * n)} dies`;
    else text = `${who(mover).padEnd(9)} ${describe(machine, mover, event)}`;
    lines.push(`${String(event).padStart(4)}  ${text}`);
  }
  return lines;
}

function describe(machine: Machine, runner: number, event: number): string {
  const { kind, operands } = machine.step(runner, event);
  const { a, b, ms, place } = operands;
  const name = place === -1 ? 'nothing' : machine.memory.name(place);
  const told = machine.told[event];
  switch (kind) {
    case Kind.load:
      return `load ${name} = ${told}`;
    case Kind.get:
      return `get ${name} = ${told}`;
    case Kind.store:
      return `store ${name} <- ${a}`;
    case Kind.set:
      return `set ${name} <- ${a}`;
    case Kind.compareExchange:
      return `compareExchange ${name}: ${a} -> ${b}, ${told === a ? 'done' : `but it is ${told}`}`;
    case Kind.wait:
      if (told === undefined) return `wait ${name} while ${a}, ${ms} ms: sleeps`;
      return `wait ${name} while ${a}, ${ms} ms: ${answers[told as number]}`;
    case Kind.notify:
      return `notify ${name}, up to ${b}: ${told} woken`;
    case Kind.copyIn:
      return `copyIn ${b} bytes at ${name}: ${Buffer.from(operands.data as Uint8Array).toString('hex')}`;
    case Kind.copyOut:
      return `copyOut ${b} bytes at ${name}: ${Buffer.from(told as string, 'latin1').toString('hex')}`;
    default: {
      const op = ['add', 'or', 'and', 'exchange'][kind - Kind.add];
      return `${op} ${name}, ${a}: was ${told}`;
    }
  }
}

/** How a thread stands at the end. */
export function describeOutcome(outcome: Outcome | undefined): string {
  if (outcome === undefined) return 'could go on';
  if (outcome.ended === 'returned') return `returned ${String(outcome.value)}`;
  if (outcome.ended === 'threw') return `threw ${String(outcome.error)}`;
  return outcome.ended === 'died' ? 'is dead' : 'sleeps';
}
