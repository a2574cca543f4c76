import { AutoExecutor } from '../../dist/advisor/index.js';
import { TaskExecutor } from '../../dist/tasks/index.js';
import { ThreadPoolExecutor } from '../../dist/threads/index.js';

const executors = { auto: AutoExecutor, tasks: TaskExecutor, threads: ThreadPoolExecutor };

/** An executor itself: without what `map` does for each input beside it (retries, a rate, progress). */
export function mapAll(fn, inputs, { executor }) {
  return async () => {
    const own = new executors[executor]();
    const results = await own.map(fn, inputs);
    await own.shutdown();
    return results;
  };
}
