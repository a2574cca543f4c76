import { has } from '../core/index.js';
import type { Advice, Caution, Point } from './advice.js';
import { time } from './figures.js';
import type { Machine } from './machine.js';
import type { Apart } from './measure-apart.js';

/** What is said of a function of which not one call came back. */
export function unmeasured(name: string, came: Exclude<Apart, { measured: unknown }>, timeout: number, machine: Machine): Advice {
  const { settle, point, why, caution } = reason(came, timeout, machine);
  return {
    name,
    kind: 'io-bound',
    sure: false,
    confidence: 0,
    settle,
    shares: { computing: 0, blocking: 0, pool: 0, waiting: 1 },
    calls: 0,
    failed: 0,
    ms: timeout,
    point,
    chunk: 1,
    predictions: [],
    why,
    cautions: [caution],
  };
}

interface Reason {
  readonly settle: string;
  readonly point: Point;
  readonly why: [string, string];
  readonly caution: Caution;
}

function reason(came: Exclude<Apart, { measured: unknown }>, timeout: number, { cores }: Machine): Reason {
  if (has(came, 'never')) {
    return {
      settle: 'a longer timeout, or inputs on which it returns',
      point: { on: 'threads', workers: cores, concurrency: 1 },
      why: [
        `After ${time(timeout)} no call had come back, the start of its process counted in.`,
        'Only a thread or a process of its own can be ended while it runs, so give its calls a timeout there.',
      ],
      caution: { code: 'never-returned', text: `It had not returned after ${Math.round(timeout)} ms, and was ended` },
    };
  }
  if (has(came, 'ended')) {
    const { exitCode, signal, stderr } = came.ended;
    const how = signal === null ? `exit code ${exitCode}` : `signal ${signal}`;
    // Of a crash, the line that names it.
    const said = stderr.split('\n').find((line) => /^\w*Error\b/.test(line));
    return {
      settle: 'a function that leaves its process alone',
      point: { on: 'processes', workers: cores, concurrency: 1 },
      why: [
        `It was called, and its process ended (${how}).`,
        'In processes of their own such calls take nothing else along; on a thread or as tasks they might end your program.',
      ],
      caution: { code: 'ended-its-process', text: `A call ended its process with ${how}${said === undefined ? '' : `: ${said.trim()}`}` },
    };
  }
  const told = has(came, 'unloadable') ? came.unloadable : came.stays;
  return {
    settle: 'a module that can be imported by itself, with whatever it needs set up in it',
    point: { on: 'tasks', workers: 1, concurrency: 1 },
    why: [
      'A worker imports the module of a function by itself, and this one could not be imported there.',
      'So it can only run where it is set up: on this thread.',
    ],
    caution: { code: 'cannot-travel', text: `Its module cannot be imported in a worker: ${told}` },
  };
}
