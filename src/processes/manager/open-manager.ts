import { Host } from './host.js';
import { LocalLink } from './link.js';
import { Manager } from './manager.js';

/** What the process of a manager runs first. The manager that it returns arrives as one whose objects live there. */
export function openManager(): Manager {
  return Manager.over(new LocalLink(new Host({ loads: true })));
}
