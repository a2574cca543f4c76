// How the handles of this room are made again where they arrive. Loaded when the first of them does.
import { registerBrokers } from './broker/kinds.js';
import { registerManager } from './manager/kinds.js';

export { openManager } from './manager/open-manager.js';

registerBrokers();
registerManager();
