import { checkLargeBuffers } from './large-buffers-suite.js';

checkLargeBuffers('native');
