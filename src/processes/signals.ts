/** Signals that are sent to whole groups of processes, or to all of a service, and are meant for the run. */
const FOR_THE_RUN = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * This process does not end by signals that ask a run to end: the parent decides what they mean for the calls
 * that are running. A call can listen to them all the same.
 *
 * @returns To be called by a process that is in no group but its own: a SIGTERM is meant for it, also one that has come.
 */
export function notForUs(): () => void {
  let hasCome = false;
  const ignore = (signal: NodeJS.Signals) => {
    hasCome ||= signal === 'SIGTERM';
  };
  for (const signal of FOR_THE_RUN) process.on(signal, ignore);
  return () => {
    process.off('SIGTERM', ignore);
    if (hasCome) process.kill(process.pid, 'SIGTERM');
  };
}
