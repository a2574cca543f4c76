export type { Advice, Caution, Point, Prediction, Shares, WorkKind } from './advice.js';
export { AutoExecutor } from './auto/auto-executor.js';
export type { AutoOptions } from './auto/auto-options.js';
export { type Decision, pointText } from './auto/decision.js';
export { compare } from './compare/compare.js';
export type { CompareOptions, CompareProgress, Comparison, Contender, Row } from './compare/comparison.js';
export { type FormatComparisonOptions, formatComparison } from './compare/format-comparison.js';
export { type Machine, thisMachine } from './machine.js';
