import { Lots } from './lots.js';
import type { Program, Step } from './program.js';

/** How big a program may get. */
export interface Size {
  readonly tasks: number;
  readonly steps: number;
}

const usual: Size = { tasks: 8, steps: 7 };

const kinds = { q: 6, l: 4, s: 3, e: 3, c: 4, b: 2 };
type Kind = keyof typeof kinds;

/** Where a step stands: what may be there. */
interface Place {
  readonly task: string;
  readonly depth: number;
  /** The tasks around this one: to wait for one of them would be to wait for oneself. */
  readonly above: readonly string[];
  /** The conditions that are held here. */
  readonly conditions: readonly string[];
  readonly inTimeout: boolean;
}

/**
 * Draws a program. It favours what is interesting: few things and many who want them, waking at the same instant and then doing something at once; cancelling and time limits while others are being
 * served; clean-up that waits.
 */
export function generate(seed: number, size: Size = usual): Program {
  const lots = new Lots(seed);
  const shared = drawShared(lots);
  const names = Object.keys(shared);
  const free = 'abcdefghijkl'.slice(0, lots.between(2, size.tasks)).split('');
  const every = [...free];
  const tasks: Record<string, Step[]> = {};
  let items = 0;
  let errors = 0;

  const having = (kind: Kind): string[] => names.filter((name) => name.startsWith(kind));
  const cells = (): number => lots.between(1, lots.percent(75) ? 3 : 7);

  /** The body of a task that was not there before. */
  const task = (place: Place): string => {
    const name = free.shift() as string;
    tasks[name] = [];
    tasks[name] = body({ task: name, depth: 0, above: [...place.above, place.task], conditions: [], inTimeout: false });
    return name;
  };

  const body = (place: Place): Step[] => {
    const steps = block(place, lots.between(1, size.steps));
    if (lots.percent(12)) steps.push({ do: 'raise', name: `E${++errors}` });
    else if (lots.percent(30)) steps.push({ do: 'return', value: lots.below(100) });
    return steps;
  };

  const block = (place: Place, length = lots.between(1, 3)): Step[] => {
    const steps: Step[] = [];
    while (steps.length < length) {
      // What is done on the border of a cell is done in the same instant as what others do there.
      if (lots.percent(45)) steps.push({ do: 'sleep', for: cells() });
      for (let n = lots.below(3); n > 0 && lots.percent(60); n--) push(steps, atOnce(place));
      push(steps, place.depth < 3 && lots.percent(35) ? nested(place) : waiting(place));
    }
    return steps;
  };

  const waiting = (place: Place): Step | undefined => {
    const what = lots.weighted({ thing: 60, sleep: 15, join: 8, checkpoint: 4 });
    if (what === 'sleep') return { do: 'sleep', for: cells() };
    if (what === 'checkpoint') return { do: 'checkpoint' };
    if (what === 'join') {
      const others = every.filter((name) => name !== place.task && !place.above.includes(name));
      return others.length === 0 ? undefined : { do: 'join', task: lots.one(others) };
    }
    const on = lots.one(names);
    switch (on[0] as Kind) {
      case 'q':
        return lots.percent(50) ? { do: 'get', on } : { do: 'put', on, item: ++items };
      case 'l':
      case 's':
        return { do: 'acquire', on };
      case 'e':
        return { do: 'wait', on };
      case 'b':
        return { do: 'meet', on };
      case 'c':
        return place.conditions.includes(on) ? { do: 'await', on } : undefined;
    }
  };

  const atOnce = (place: Place): Step | undefined => {
    const what = lots.weighted({ thing: 60, cancel: 12, spawn: 8, cancelGroup: 2, reschedule: place.inTimeout ? 6 : 0, raise: 1 });
    if (what === 'cancel') return { do: 'cancel', task: lots.one(every) };
    if (what === 'spawn') return free.length === 0 ? undefined : { do: 'spawn', task: task(place) };
    if (what === 'cancelGroup') return { do: 'cancelGroup' };
    if (what === 'reschedule') return { do: 'reschedule', for: cells() };
    if (what === 'raise') return { do: 'raise', name: `E${++errors}` };
    const on = lots.one(names);
    switch (on[0] as Kind) {
      case 'q':
        return lots.percent(40) ? { do: 'tryGet', on } : { do: 'tryPut', on, item: ++items };
      case 'l':
      case 's':
        return { do: lots.percent(65) ? 'release' : 'tryAcquire', on };
      case 'e':
        return { do: lots.percent(70) ? 'set' : 'clear', on };
      case 'c':
        return place.conditions.includes(on) ? { do: 'notify', on, count: lots.between(1, 3) } : undefined;
      case 'b':
        return undefined;
    }
  };

  const nested = (place: Place): Step | undefined => {
    const inner = { ...place, depth: place.depth + 1 };
    // Whoever waits for tasks with a condition's lock in hand waits for ever if one of them has to take that lock again.
    const open = place.conditions.length === 0;
    const what = lots.weighted({
      hold: 20,
      timeout: 22,
      try: 26,
      group: open ? 14 : 0,
      shield: 8,
      gather: open && free.length > 0 ? 9 : 0,
    });
    switch (what) {
      case 'timeout':
        return { do: 'timeout', for: cells(), steps: block({ ...inner, inTimeout: true }) };
      case 'shield':
        // Nothing from outside ends what is inside: it has to end by itself.
        return { do: 'shield', steps: [{ do: 'timeout', for: cells(), steps: block({ ...inner, inTimeout: true }) }] };
      case 'group':
        return { do: 'group', steps: spawning(inner, block(inner)) };
      case 'gather': {
        const children = [task(place)];
        while (free.length > 0 && lots.percent(60)) children.push(task(place));
        return { do: 'gather', tasks: children };
      }
      case 'try': {
        const steps = block(inner);
        const what = lots.weighted({ error: 25, cancel: 25, both: 10, finally: 30, all: 10 });
        return {
          do: 'try',
          steps,
          ...(['error', 'both', 'all'].includes(what) && { error: lots.percent(60) ? block(inner, 1) : [] }),
          ...(['cancel', 'both', 'all'].includes(what) && { cancel: lots.percent(60) ? block(inner, 1) : [] }),
          ...(['finally', 'all'].includes(what) && { finally: block(inner, 1) }),
        };
      }
      case 'hold': {
        const on = lots.one([...having('l'), ...having('s'), ...having('c'), ...having('c')]);
        if (on === undefined) return undefined;
        if (on.startsWith('c')) {
          // Not inside another one: two tasks that wait for a notification with the other's lock in hand would never come back.
          return place.conditions.length > 0 ? undefined : { do: 'condition', on, steps: block({ ...inner, conditions: [on] }) };
        }
        return { do: lots.percent(50) ? 'hold' : 'with', on, steps: block(inner) };
      }
    }
  };

  /** Puts the spawning of tasks between the steps of a group's body. */
  const spawning = (place: Place, steps: readonly Step[]): Step[] => {
    const all: Step[] = [];
    for (const step of steps) {
      while (free.length > 0 && lots.percent(55)) all.push({ do: 'spawn', task: task(place) });
      all.push(step);
    }
    return all;
  };

  const top: Place = { task: 'main', depth: 1, above: [], conditions: [], inTimeout: false };
  tasks.main = [];
  const steps = spawning(top, block(top, 2));
  while (free.length > 0) steps.unshift({ do: 'spawn', task: task(top) });
  // Whatever waits for ever is ended by this.
  tasks.main = [{ do: 'timeout', for: lots.between(12, 40), steps: [{ do: 'group', steps }] }];
  return { shared, tasks };
}

function drawShared(lots: Lots): Record<string, number> {
  const shared: Record<string, number> = {};
  for (let n = lots.between(1, 4); n > 0; n--) {
    const kind = lots.weighted(kinds);
    const name = `${kind}${Object.keys(shared).filter((other) => other.startsWith(kind)).length}`;
    shared[name] = kind === 'q' || kind === 's' ? lots.between(1, 2) : kind === 'b' ? lots.between(2, 3) : 0;
  }
  return shared;
}

function push(steps: Step[], step: Step | undefined): void {
  if (step !== undefined) steps.push(step);
}
