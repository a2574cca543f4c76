import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { withSurroundings } from '../advisor/surroundings.mjs';
import { load as loadFunction, workloads } from '../advisor/workloads/index.mjs';

const entry = fileURLToPath(new URL('../contenders/burner.entry.mjs', import.meta.url));

/** What a contender says of one labelled function, with so many processes beside it that do nothing but compute. */
export default async function classOf(load, { workload: name, burners }) {
  const { classify } = await load();
  const workload = workloads.find((one) => one.name === name);
  return withSurroundings(async () => {
    const fn = await loadFunction(workload);
    const running = Array.from({ length: burners }, () => spawn(process.execPath, [entry], { stdio: ['pipe', 'pipe', 'inherit'] }));
    try {
      await Promise.all(running.map(({ stdout }) => once(stdout, 'data')));
      const start = performance.now();
      const answer = await classify(fn, workload.inputs);
      return { ...answer, took: performance.now() - start };
    } finally {
      for (const burner of running) burner.kill();
      await Promise.all(running.map((burner) => burner.exitCode ?? burner.signalCode ?? once(burner, 'exit')));
    }
  });
}
