import { ProcessPoolExecutor } from 'meantime/processes';
import { checkExecutor } from 'meantime/testing';

checkExecutor({
  name: 'ProcessPoolExecutor',
  make: (options) => new ProcessPoolExecutor(options),
  inDoubt: true,
  program: "import { ProcessPoolExecutor } from 'meantime/processes'; const executor = new ProcessPoolExecutor({ workers: 2 });",
});
