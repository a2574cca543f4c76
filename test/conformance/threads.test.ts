import { checkExecutor } from 'meantime/testing';
import { ThreadPoolExecutor } from 'meantime/threads';

checkExecutor({
  name: 'ThreadPoolExecutor',
  make: (options) => new ThreadPoolExecutor(options),
  cannot: { processes: 'a thread cannot be killed from outside' },
  program: "import { ThreadPoolExecutor } from 'meantime/threads'; const executor = new ThreadPoolExecutor({ workers: 2 });",
});
