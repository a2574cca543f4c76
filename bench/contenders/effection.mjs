// biome-ignore-all lint/correctness/useYield: tasks that never wait are what is measured
import { run, spawn } from 'effection';

let done = 0;

function* trivial() {
  done++;
}

export async function open() {
  return {
    async spawn(n) {
      done = 0;
      await run(function* () {
        const tasks = new Array(n);
        for (let i = 0; i < n; i++) tasks[i] = yield* spawn(trivial);
        for (let i = 0; i < n; i++) yield* tasks[i];
      });
      return done;
    },
  };
}
