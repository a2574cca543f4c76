export type { Advice, Caution, Point, Prediction, Shares, WorkKind } from './advice.js';
export { type Machine, thisMachine } from './machine.js';
