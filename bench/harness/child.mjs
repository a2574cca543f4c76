// One contender, one measure, one process: node child.mjs CONTENDER MEASURE JSON. The last line it prints is the result.
// Nothing is loaded before it is needed, so that a measure of the start sees all of it.
const [contender, measure, json] = process.argv.slice(2);
const params = JSON.parse(json);

const { default: run } = await import(`../measures/${measure}.mjs`);
const result = await run(() => import(`../contenders/${contender}.mjs`), params);
process.stdout.write(`${JSON.stringify(result)}\n`);
