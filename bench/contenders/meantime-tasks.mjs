import { TaskExecutor } from '../../dist/tasks/index.js';
import { get } from '../functions-url.mjs';

const functions = { get };

export async function open({ concurrency }) {
  const tasks = new TaskExecutor({ concurrency });
  return {
    map: (name, inputs) => tasks.map(functions[name], inputs),
    close: () => tasks.shutdown(),
  };
}
