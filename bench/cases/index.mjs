import advisorChoice from './advisor-choice.mjs';
import advisorClass from './advisor-class.mjs';
import advisorControl from './advisor-control.mjs';
import advisorOverhead from './advisor-overhead.mjs';
import echo from './echo.mjs';
import endless from './endless.mjs';
import idle from './idle.mjs';
import mapMixed from './map-mixed.mjs';
import mapShort from './map-short.mjs';
import mapTiny from './map-tiny.mjs';
import oneAtATime from './one-at-a-time.mjs';
import processesBuffers from './processes-buffers.mjs';
import processesQueue from './processes-queue.mjs';
import processesStart from './processes-start.mjs';
import sharedAtomic from './shared-atomic.mjs';
import sharedLock from './shared-lock.mjs';
import sharedQueue from './shared-queue.mjs';
import start from './start.mjs';
import tasksAls from './tasks-als.mjs';
import tasksCancel from './tasks-cancel.mjs';
import tasksCancellable from './tasks-cancellable.mjs';
import tasksContended from './tasks-contended.mjs';
import tasksLock from './tasks-lock.mjs';
import tasksMap from './tasks-map.mjs';
import tasksParked from './tasks-parked.mjs';
import tasksSpawn from './tasks-spawn.mjs';
import tasksSwitch from './tasks-switch.mjs';
import tasksTimeout from './tasks-timeout.mjs';
import tinyProcesses from './tiny-processes.mjs';
import tinyThreads from './tiny-threads.mjs';
import urls from './urls.mjs';

const pools = [tinyThreads, oneAtATime, tinyProcesses, mapTiny, mapShort, mapMixed, echo, start, endless, idle, urls];
const tasks = [
  tasksSpawn,
  tasksSwitch,
  tasksLock,
  tasksContended,
  tasksMap,
  tasksTimeout,
  tasksParked,
  tasksCancellable,
  tasksCancel,
  tasksAls,
];

const processes = [processesQueue, processesBuffers, processesStart];
const shared = [sharedLock, sharedQueue, sharedAtomic];
const advisor = [advisorControl, advisorClass, advisorChoice, advisorOverhead];

/** In the order in which they are run and written down. */
export const cases = [...pools, ...tasks, ...shared, ...processes, ...advisor];
