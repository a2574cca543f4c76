import { limit, type PartsCheck, sequence, some } from '../../core/index.js';
import { registerKind } from '../../wire/index.js';
import type { Where } from '../hub/messages.js';
import { isWhere } from '../hub/where.js';
import { originOf } from './origin.js';
import { ProcessBarrier } from './process-barrier.js';
import { ProcessCondition } from './process-condition.js';
import { ProcessEvent } from './process-event.js';
import { ProcessLock } from './process-lock.js';
import { ProcessQueue } from './process-queue.js';
import { ProcessReentrantLock } from './process-reentrant-lock.js';
import { ProcessSemaphore } from './process-semaphore.js';

type Plain = readonly [where: Where];
type Counted = readonly [where: Where, most: number];

const plain = sequence(isWhere);
const counted = (check: PartsCheck): PartsCheck => sequence(isWhere, check);

/** How the shared objects that a broker keeps are made again where they arrive. */
export function registerBrokers(): void {
  registerKind('processes/ProcessLock', plain, ([where]: Plain) => new ProcessLock(originOf(where)));
  registerKind('processes/ProcessReentrantLock', plain, ([where]: Plain) => new ProcessReentrantLock(originOf(where)));
  registerKind('processes/ProcessEvent', plain, ([where]: Plain) => new ProcessEvent(originOf(where)));
  registerKind('processes/ProcessCondition', plain, ([where]: Plain) => new ProcessCondition(originOf(where)));
  registerKind('processes/ProcessSemaphore', counted(some), ([where, permits]: Counted) => new ProcessSemaphore(permits, originOf(where)));
  registerKind('processes/ProcessBarrier', counted(some), ([where, parties]: Counted) => new ProcessBarrier(parties, originOf(where)));
  registerKind('processes/ProcessQueue', counted(limit), ([where, capacity]: Counted) => new ProcessQueue(capacity, originOf(where)));
}
