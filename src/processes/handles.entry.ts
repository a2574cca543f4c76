// How the handles of this room are made again where they arrive. Loaded when the first of them does.
import { registerKind } from '../wire/far.js';
import { SharedMemory } from './memory/shared-memory.js';

registerKind('processes/SharedMemory', SharedMemory.arrived);
