import { kinds } from '../fixtures/calls/pools.js';
import { lifeOf } from './life-suite.js';

lifeOf(kinds[0]);
