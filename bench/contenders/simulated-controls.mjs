export { backends } from '../../build/src/advisor/control/simulation/backend.js';
export { judge, oracles } from '../../build/src/advisor/control/simulation/judge.js';
export { controls } from '../advisor/simulation/controls.mjs';
