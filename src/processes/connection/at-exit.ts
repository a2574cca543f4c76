const tasks = new Set<() => void>();

function run(): void {
  for (const task of tasks) task();
}

/** Calls `task` when this process, or thread, ends by itself: one listener for all, since Node warns of many. @returns what takes it back. */
export function atExit(task: () => void): () => void {
  if (tasks.size === 0) process.on('exit', run);
  tasks.add(task);
  return () => {
    if (tasks.delete(task) && tasks.size === 0) process.off('exit', run);
  };
}
