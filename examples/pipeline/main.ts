// Producer, workers and consumer, with back-pressure all the way.
//
// Shows: `Queue` as what is between the stages of a pipeline. A file is read, its lines are worked on four at a time, and the result is compressed and written; the
// reader is never further ahead than the queues are long, so the memory is the same for a file of any size. `close` ends the loop of the next stage. A failure of one
// stage ends all of them.
//
// Run it:  npm run build && node --import tsx examples/pipeline/main.ts

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { run } from 'meantime/tasks';
import { anonymise } from './anonymise.js';
import { LINES, writeLog } from './log.js';

const CAPACITY = 100;
const WORKERS = 4;

const folder = await mkdtemp(join(tmpdir(), 'meantime-pipeline-'));
const [log, out] = [join(folder, 'access.log'), join(folder, 'visits.jsonl.gz')];
const options = { capacity: CAPACITY, workers: WORKERS, secret: 'of the day' };

await writeLog(log);
const flow = await run(() => anonymise(log, out, options));

const lines = (await readFile(log, 'utf8')).trimEnd().split('\n');
const records = gunzipSync(await readFile(out))
  .toString()
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line));
records.sort((a, b) => a.line - b.line);

assert.equal(records.length, LINES);
const visitors = new Map<string, string>();
for (const [i, record] of records.entries()) {
  const [address, , path, status, bytes] = lines[i].split(' ');
  assert.deepEqual(
    { ...record, visitor: undefined },
    { line: i + 1, path, status: Number(status), bytes: Number(bytes), visitor: undefined },
  );
  if (!visitors.has(address)) visitors.set(address, record.visitor);
  assert.equal(record.visitor, visitors.get(address), 'one address has one name');
}
assert.equal(new Set(visitors.values()).size, visitors.size, 'and one name one address');

// Two full queues, what the workers have in hand, and what is on its way from hand to hand.
const bound = 2 * CAPACITY + WORKERS + 2;
assert.equal(flow.most.hits, CAPACITY, 'the reader was quicker, and had to wait');
assert.ok(flow.most.records <= CAPACITY);
assert.ok(flow.lead <= bound, `the reader was at most ${bound} lines ahead, but it was ${flow.lead}`);

// One bad line, far inside: everything ends, and says why.
const BAD = 10_000;
await writeLog(log, BAD);
const error = await run(() => anonymise(log, out, options)).then(
  () => assert.fail('a bad line must end it'),
  (reason) => reason,
);
assert.match(String(error), new RegExp(`SyntaxError: line ${BAD}: expected .* got "garbage"`));
await rm(folder, { recursive: true });

console.log(`${flow.read} lines read, worked on and written, of ${visitors.size} visitors`);
console.log(`a bad line ends it: "${error.message}"`);
console.log(
  `proof: nothing lost, and no queue ever held more than its ${CAPACITY}: the reader was never more than ${bound} lines ahead of the writer`,
);
