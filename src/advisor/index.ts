export type { Advice, Caution, Point, Prediction, Shares, WorkKind } from './advice.js';
export { type AdviseOptions, advise } from './advise.js';
export { AutoExecutor } from './auto/auto-executor.js';
export type { AutoOptions } from './auto/auto-options.js';
export { type Decision, pointText } from './auto/decision.js';
export { formatAdvice } from './format-advice.js';
export { type Machine, thisMachine } from './machine.js';
