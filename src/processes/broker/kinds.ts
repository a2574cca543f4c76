import { registerKind } from '../../wire/index.js';
import type { Where } from '../hub/messages.js';
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

/** How the shared objects that a broker keeps are made again where they arrive. */
export function registerBrokers(): void {
  registerKind('processes/ProcessLock', ([where]: Plain) => new ProcessLock(originOf(where)));
  registerKind('processes/ProcessReentrantLock', ([where]: Plain) => new ProcessReentrantLock(originOf(where)));
  registerKind('processes/ProcessEvent', ([where]: Plain) => new ProcessEvent(originOf(where)));
  registerKind('processes/ProcessCondition', ([where]: Plain) => new ProcessCondition(originOf(where)));
  registerKind('processes/ProcessSemaphore', ([where, permits]: Counted) => new ProcessSemaphore(permits, originOf(where)));
  registerKind('processes/ProcessBarrier', ([where, parties]: Counted) => new ProcessBarrier(parties, originOf(where)));
  registerKind('processes/ProcessQueue', ([where, capacity]: Counted) => new ProcessQueue(capacity, originOf(where)));
}
