import { type Traveller, travels } from '../core/index.js';

/** Whether an object says how it travels. */
export const isTraveller = (value: object): value is Traveller => travels in value && typeof value[travels as never] === 'function';
