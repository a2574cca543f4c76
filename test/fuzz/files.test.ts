import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { list, runJob } from 'meantime/batch';
import { campaign } from './campaign.js';
import { type Lots, mutate, mutateBytes } from './mutate.js';

/*
 * A former run's results and its journal, as somebody left them: resuming ends with a line for each
 * input, or is refused by an error of ours and then has changed nothing.
 */

const folder = mkdtempSync(join(tmpdir(), 'meantime-fuzz-'));
const out = join(folder, 'r.jsonl');
const journal = `${out}.journal`;
const inputs = ['a', 'bé', 'c "c"', 'd', 'e'];
const job = { fn: (text: string) => `${text}${text}`, source: list(inputs), out, on: 'tasks' } as const;
assert.equal((await runJob(job)).state, 'finished');
const [results, header] = [readFileSync(out), readFileSync(journal)];

/** The record, or a part of it as after a kill, or that with something changed. */
function left(lots: Lots): Buffer {
  const bytes = lots() < 0.5 ? results.subarray(0, Math.floor(lots() * (results.length + 1))) : results;
  return lots() < 0.6 ? mutateBytes(bytes, lots) : bytes;
}

function said(lots: Lots): Buffer {
  const lot = lots();
  if (lot < 0.4) return header;
  if (lot < 0.7) return mutateBytes(header, lots);
  try {
    return Buffer.from(JSON.stringify(mutate(JSON.parse(header.toString()), lots)) ?? '');
  } catch {
    return Buffer.from('{}'); // no JSON can be made of it
  }
}

const counts = { resumed: 0, refused: 0 };

campaign({
  name: 'results and journals that are resumed',
  count: 1000,
  async one(lots) {
    const before = left(lots);
    writeFileSync(out, before);
    writeFileSync(journal, said(lots));
    const force = lots() < 0.3;
    const reports = await Promise.allSettled([runJob({ ...job, resume: true, force, retryFailed: lots() < 0.2 })]);
    const [report] = reports;
    const error = report.status === 'rejected' ? report.reason : report.value.error;
    if (error !== undefined) {
      counts.refused++;
      // Another input is recorded than there is now: that is told of the inputs.
      assert.ok(['MEANTIME_OUTPUT', 'MEANTIME_INPUT'].includes(error.code), error.stack);
      if (report.status === 'rejected') assert.ok(readFileSync(out).equals(before), 'what is refused stays as it is');
      return;
    }
    counts.resumed++;
    const lines = readFileSync(out, 'utf8').trimEnd().split('\n');
    const indexes = new Set(lines.map((line) => JSON.parse(line).index));
    for (const index of inputs.keys()) assert.ok(indexes.has(index), `no line for ${index}:\n${lines.join('\n')}`);
  },
  after() {
    assert.ok(counts.resumed > 0 && counts.refused > 0, JSON.stringify(counts));
  },
  end() {
    rmSync(folder, { recursive: true });
  },
});
