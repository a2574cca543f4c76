/*
 * The door for what runs in a worker. It leaves out the near half (how a function's reference is found), which a worker would load for
 * nothing at every start.
 */

export { FrameReader, type SideReader, type SideWriter, writeFrame } from './frames.js';
export type { FunctionRef } from './function-ref.js';
export { registerKind } from './kinds.js';
export { loadFunction } from './load.js';
export { type Boot, CODED, type Port, ToPool, ToWorker } from './message.js';
export { Server } from './serve.js';
export { whenSent } from './unsent.js';
export { encode, failureMessage, needsCode } from './value.js';
