import { Run } from './run.js';
import type { Explored, Scenario } from './scenario.js';

/** Runs the threads of a scenario in every order of their steps that makes a difference, and throws a `Violation` where something is wrong. */
export function explore<S>(scenario: Scenario<S>): Explored {
  return new Run(scenario).explore();
}

/** Runs one schedule, as a `Violation` has it, and throws what it finds there. */
export function replay<S>(scenario: Scenario<S>, schedule: string): string[] {
  return new Run(scenario).replay(schedule);
}

/** What was explored, on one line. */
export function summary(explored: Explored): string {
  const { name, search, states, schedules, left, steps, deadlocks, complete, took, bounds } = explored;
  const { threads, deaths, timeouts, preemptions } = bounds;
  const by = search === 'orders' ? '' : `, ${states} states`;
  const whole = complete ? 'complete' : `INCOMPLETE: all with at most ${preemptions} preemptions`;
  const asleep = deadlocks > 0 ? `, ${deadlocks} end asleep` : '';
  const within = `${threads} threads, ${deaths} deaths, ${timeouts} time-outs`;
  return `${name}: ${schedules} schedules (${left} more cut short)${by}, ${steps} steps${asleep}; ${within}; ${whole}; ${Math.round(took)} ms`;
}
