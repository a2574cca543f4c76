import { AutoExecutor } from 'meantime/advisor';
import { checkExecutor, type MakeOptions } from 'meantime/testing';

const cannot = {
  processes: 'a thread cannot be killed from outside',
  refuses: 'what cannot get to a thread runs on this one',
  broadcast: 'its workers come and go: what they need is given as `initializer`',
};

/** The suite speaks of fixed numbers of workers and calls: they are where it starts, and the most it may have. */
const made = ({ workers = 2, concurrency = 1, ...rest }: MakeOptions, isolate: boolean) =>
  new AutoExecutor({
    ...rest,
    maxWorkers: workers,
    maxConcurrency: workers * concurrency,
    start: { workers, concurrency },
    ...(isolate && { isolate }),
  });

checkExecutor({
  name: 'AutoExecutor, isolated',
  make: (options) => made(options, true),
  cannot,
  program: "import { AutoExecutor } from 'meantime/advisor'; const executor = new AutoExecutor({ isolate: true });",
});

checkExecutor({
  name: 'AutoExecutor',
  make: (options) => made(options, false),
  cannot,
  program: "import { AutoExecutor } from 'meantime/advisor'; const executor = new AutoExecutor();",
});
