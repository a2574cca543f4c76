// The same without native code, which is asked for at the first use.
import { checkLargeBuffers } from './large-buffers-suite.js';

process.env.MEANTIME_NATIVE = 'off';
checkLargeBuffers('files');
