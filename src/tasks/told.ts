import { Probe } from '../core/index.js';
import { debug } from './debug.js';

/** Events of tasks: the diagnostics channel `meantime:tasks`. */
export const probe = new Probe('tasks');

/**
 * Whether anybody wants to know what happens to tasks: a subscriber, or debug mode. A plain field, since each wait asks it twice: asking the channel would be a tenth of a
 * switch. So it is brought up to date when a task is spawned and when the scheduler looks at the clock, which it does at least once a turn.
 */
class Told {
  active = debug.on;

  look(): boolean {
    this.active = debug.on || probe.active;
    return this.active;
  }
}

export const told = new Told();
