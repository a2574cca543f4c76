import { sequence, whole } from '../core/index.js';
import { registerKind } from '../wire/far.js';
import { registerBrokers } from './broker/kinds.js';
import { whereChecks } from './hub/where.js';
import { registerManager } from './manager/kinds.js';
import { isBlock } from './memory/block.js';
import { SharedMemory } from './memory/shared-memory.js';
import { endOf } from './pipe/pipe.js';
import { KIND as PIPE_END } from './pipe/protocol.js';

/* How the handles of this room are made again where they arrive. Loaded when the first of them does. */

export { openManager } from './manager/open-manager.js';

registerKind('processes/SharedMemory', isBlock, SharedMemory.arrived);
registerKind(PIPE_END, sequence(...whereChecks, whole(1)), endOf);
registerBrokers();
registerManager();
