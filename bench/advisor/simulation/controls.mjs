import { ConcurrencyControl } from '../../../build/src/advisor/control/concurrency-control.js';
import { Aimd } from './aimd.mjs';
import { Gradient2 } from './gradient2.mjs';
import { HillClimb } from './hill-climb.mjs';
import { Vegas } from './vegas.mjs';

/** Who takes part, by name. All start at 2 and may go to 1000, but for Gradient2 with the defaults of its authors. */
export const controls = {
  meantime: () => new ConcurrencyControl({ most: 1000 }),
  'AIMD, errors only': () => new Aimd(),
  'AIMD, slow at 3x': () => new Aimd({ slow: 3 }),
  Vegas: () => new Vegas(),
  'Gradient2, defaults': () => new Gradient2(),
  'Gradient2, for batches': () => new Gradient2({ least: 1, start: 2, window: true }),
  'hill climbing': () => new HillClimb(),
};
