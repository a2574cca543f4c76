// How the handles of this room are made again where they arrive. Loaded when the first of them does.
import { registerKind } from '../wire/far.js';
import { endOf } from './pipe/pipe.js';
import { KIND as PIPE_END } from './pipe/protocol.js';

registerKind(PIPE_END, endOf);
