// One contender, one measure, one process: node child.mjs CONTENDER MEASURE JSON. The last line it prints is the result.
// Nothing is loaded before it is needed, so that a measure of the start sees all of it. With `storage` all of it runs inside an AsyncLocalStorage that nobody reads.
const [contender, measure, json] = process.argv.slice(2);
const params = JSON.parse(json);

const { default: run } = await import(`../measures/${measure}.mjs`);
const { storage = false, ...rest } = params;
const measured = () => run(() => import(`../contenders/${contender}.mjs`), rest);
const result = storage ? await inStorage(measured) : await measured();
process.stdout.write(`${JSON.stringify(result)}\n`);

async function inStorage(fn) {
  const { AsyncLocalStorage } = await import('node:async_hooks');
  return new AsyncLocalStorage().run({}, fn);
}
