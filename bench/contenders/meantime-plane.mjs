import * as advisor from '../../dist/advisor/index.js';
import { ProcessPoolExecutor } from '../../dist/processes/index.js';
import { TaskExecutor } from '../../dist/tasks/index.js';
import { ThreadPoolExecutor } from '../../dist/threads/index.js';

const pools = { threads: ThreadPoolExecutor, processes: ProcessPoolExecutor };

/** The executor that a point of the plane means. */
export function openPoint({ on, workers, concurrency }) {
  return on === 'tasks' ? new TaskExecutor({ concurrency }) : new pools[on]({ workers, concurrency });
}

export function openAuto() {
  return new advisor.AutoExecutor();
}

export const { advise } = advisor;
