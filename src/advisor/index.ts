export type { Advice, Caution, Point, Prediction, Shares, WorkKind } from './advice.js';
export { type AdviseOptions, advise } from './advise.js';
export { formatAdvice } from './format-advice.js';
export { type Machine, thisMachine } from './machine.js';
