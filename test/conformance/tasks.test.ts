import { TaskExecutor } from 'meantime/tasks';
import { checkExecutor } from 'meantime/testing';

const here = 'its calls run on this thread: there is no worker to lose, to replace or to end';

checkExecutor({
  name: 'TaskExecutor',
  make: ({ workers = 1, concurrency = 1 }) => new TaskExecutor({ concurrency: workers * concurrency }),
  cannot: {
    workers: here,
    processes: here,
    refuses: here,
    broadcast: here,
    copies: 'functions, arguments and results do not travel: they are the same values here and there',
  },
  program: "import { TaskExecutor } from 'meantime/tasks'; const executor = new TaskExecutor();",
});
