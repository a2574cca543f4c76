export { Claims, EPOCH_CALLS } from './claims.js';
export type { FunctionRef } from './function-ref.js';
export { type Boot, CODED, type Port, ToPool, ToWorker } from './message.js';
export { portable } from './portable.js';
export { referenceOf } from './reference.js';
export { Server } from './serve.js';
export { transfer } from './transfer.js';
export { FrameReader, writeFrame } from './frames.js';
export { decode, encode, findUncloneable, needsCode, notCloneable } from './value.js';
