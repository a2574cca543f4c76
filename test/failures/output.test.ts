import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { WorkerLostError } from 'meantime';
import { kinds } from '../fixtures/calls/pools.js';

/* Output that a call wrote before it answered arrives, complete and in order, whoever ends the program. */

const at = new URL('../../../test/fixtures/output/', import.meta.url);
const program = fileURLToPath(new URL('program.mjs', at));
const { printed, complainAndExit, complainAndThrow } = await import(new URL('calls.mjs', at).href);

interface Printed {
  code: number | null;
  out: string;
  err: string;
}

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Runs the program with its output in pipes, of which the reader takes its time, or in files. */
async function run(args: string[], target: 'pipe' | 'file'): Promise<Printed> {
  if (target === 'pipe') {
    const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    const texts = [child.stdout, child.stderr].map(async (stream) => {
      const chunks: Buffer[] = [];
      for await (const chunk of stream) {
        chunks.push(chunk);
        await new Promise((resolve) => setImmediate(resolve));
      }
      return Buffer.concat(chunks).toString();
    });
    const [code] = await once(child, 'close');
    const [out, err] = await Promise.all(texts);
    return { code, out, err };
  }
  const folder = mkdtempSync(join(tmpdir(), 'output-'));
  const names = ['out', 'err'].map((name) => join(folder, name));
  const files = names.map((name) => openSync(name, 'w'));
  try {
    const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', files[0], files[1]] });
    const [code] = await once(child, 'exit');
    const [out, err] = names.map((name) => readFileSync(name, 'utf8'));
    return { code, out, err };
  } finally {
    files.forEach(closeSync);
    rmSync(folder, { recursive: true });
  }
}

/** Says where two texts part: a difference of megabytes is no message. */
function same(got: string, expected: string, what: string): void {
  if (got === expected) return;
  let i = 0;
  while (got[i] === expected[i]) i++;
  assert.fail(`${what}: ${got.length} of ${expected.length} characters, other from ${i} on: ${JSON.stringify(got.slice(i, i + 80))}`);
}

const MEGABYTES = 320_000; // lines, of some 10 MB
const amounts: [number, string][] = [
  [3, 'lines'],
  [3, 'late'],
  [2000, 'lines'],
  [MEGABYTES, 'one write'],
];

for (const [kind, endings] of Object.entries({
  threads: ['return', 'shutdown', 'await using', 'idle'],
  processes: ['return', 'shutdown', 'await using', 'idle'],
  Thread: ['return', 'join'],
  Process: ['return', 'join'],
})) {
  for (const ending of endings) {
    test(`${kind}, ${ending}: all that a call printed arrives`, { timeout: 120_000 }, async () => {
      for (const [lines, way] of amounts) {
        for (const target of ending === 'return' ? (['pipe', 'file'] as const) : (['pipe'] as const)) {
          const { code, out, err } = await run([kind, ending, String(lines), way], target);
          const what = `${lines} ${way} to a ${target}`;
          same(err, printed(lines), `stderr, ${what}`);
          same(out, printed(lines), `stdout, ${what}`);
          assert.equal(code, 0);
        }
      }
    });
  }
}

const ofStream = ['console.log', 'console.info', 'console.table', 'process.stdout.write', 'a buffer', 'a Console of its own'];
const ofDescriptor = ['the descriptor', 'a child process'];

// Threads have the descriptors of their program.
const stays: Record<string, readonly string[]> = { threads: ofDescriptor, Thread: ofDescriptor, processes: [] };
for (const [kind, onStdout] of Object.entries(stays)) {
  test(`${kind}: with stdout 'stderr', what calls print goes to stderr`, async () => {
    const child = spawn(process.execPath, [fileURLToPath(new URL('redirected.mjs', at)), kind], { stdio: ['ignore', 'pipe', 'pipe'] });
    const [out, err, [code]] = await Promise.all([textOf(child.stdout), textOf(child.stderr), once(child, 'close')]);
    assert.equal(code, 0, err);
    const expected = (names: readonly string[]) => [...names].sort();
    const found = (text: string) => [...ofStream, ...ofDescriptor].filter((name) => text.includes(name)).sort();
    assert.deepEqual(found(out), expected(onStdout));
    if (onStdout.length === 0) assert.equal(out, '');
    assert.deepEqual(found(err), expected([...ofStream, ...ofDescriptor].filter((name) => !onStdout.includes(name))));
  });
}

/** What workers complain of is not for whoever reads the report of these tests. */
function mute(t: TestContext): void {
  const { write } = process.stderr;
  process.stderr.write = () => true;
  t.after(() => {
    process.stderr.write = write;
  });
}

for (const { name, make } of kinds) {
  test(`${name}: the last that a worker wrote to stderr is in the error of its loss, however much there was before`, async (t) => {
    mute(t);
    await using pool = make({ workers: 1 });
    for (const lines of [0, 2000, 20_000]) {
      await assert.rejects(
        async () => await pool.submit(complainAndExit, lines),
        (error: WorkerLostError) => {
          assert.equal(error.exitCode, 12);
          assert.match(error.stderr, /the last words\n$/, `${lines} lines`);
          return true;
        },
      );
    }
  });

  test(`${name}: an error that nobody caught is the cause of the loss`, async (t) => {
    mute(t);
    await using pool = make({ workers: 1 });
    for (const lines of [0, 2000]) {
      await assert.rejects(
        async () => await pool.submit(complainAndThrow, lines),
        (error: Error) => {
          assert.ok(error instanceof WorkerLostError);
          assert.match(error.message, /: the last error/);
          assert.equal((error.cause as Error).message, 'the last error');
          return true;
        },
      );
    }
  });
}
