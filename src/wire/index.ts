export { Claims, EPOCH_CALLS } from './claims.js';
export { FrameReader, writeFrame } from './frames.js';
export type { FunctionRef } from './function-ref.js';
export { type Boot, CODED, type Port, ToPool, ToWorker } from './message.js';
export { packNumbers } from './pack.js';
export { portable } from './portable.js';
export { referenceOf } from './reference.js';
export { transfer } from './transfer.js';
export { decode, encode, needsCode, notCloneable } from './value.js';
