/**
 * Signals that are sent to whole groups of processes, or to all of a service, and are meant for the
 * run.
 */
const FOR_THE_RUN: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * This process does not end by signals that ask a run to end: the parent decides what they mean for
 * the calls that are running. A call can listen to them all the same, and send one to its own
 * process, which ends by it.
 *
 * @returns To be called by a process that is in no group but its own: a SIGTERM is meant for it,
 * also one that has come.
 */
export function notForUs(): () => void {
  let hasCome = false;
  const ignore = (signal: NodeJS.Signals) => {
    hasCome ||= signal === 'SIGTERM';
  };
  for (const signal of FOR_THE_RUN) process.on(signal, ignore);
  const { kill } = process;
  const { signals } = process.getBuiltinModule('node:os').constants;
  process.kill = (pid, signal: NodeJS.Signals | number = 'SIGTERM') => {
    if (pid === process.pid) for (const own of FOR_THE_RUN) if (signal === own || signal === signals[own]) process.off(own, ignore);
    return kill.call(process, pid, signal);
  };
  return () => {
    process.off('SIGTERM', ignore);
    if (hasCome) kill.call(process, process.pid, 'SIGTERM');
  };
}
