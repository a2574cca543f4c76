import { ProcessPoolExecutor } from 'meantime/processes';
import { checkExecutor } from 'meantime/testing';

checkExecutor({
  name: 'ProcessPoolExecutor',
  make: (options) => new ProcessPoolExecutor(options),
  program: "import { ProcessPoolExecutor } from 'meantime/processes'; const executor = new ProcessPoolExecutor({ workers: 2 });",
});
