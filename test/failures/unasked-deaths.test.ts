import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { onLateError, WorkerLostError } from 'meantime';
import { add } from '../fixtures/calls/calls.js';
import { file, kinds, until } from '../fixtures/calls/pools.js';
import { dieLater, dieWhenCancelled, dieWithin } from '../fixtures/ports/late.js';
import { kinds as ones } from '../one-call/kinds.js';

/* A death that nobody asked for is told once: by the call that was lost with it, or else by a warning. */

interface Warning extends Error {
  code?: string;
  cause?: unknown;
}

/** The warnings of late errors that come from here on. */
function warnings(t: TestContext): Warning[] {
  const seen: Warning[] = [];
  const listen = (warning: Warning) => {
    if (warning.code === 'MEANTIME_LATE_ERROR') seen.push(warning);
  };
  process.on('warning', listen);
  const { write } = process.stderr; // what the workers and the warnings print is not for whoever reads the report
  process.stderr.write = () => true;
  t.after(() => {
    process.off('warning', listen);
    process.stderr.write = write;
  });
  return seen;
}

function isRight(warning: Warning, how: string): void {
  assert.equal(warning.name, 'LateError');
  const lost = warning.cause as WorkerLostError;
  assert.ok(lost instanceof WorkerLostError, String(lost));
  if (how === 'throws' || how === 'rejects') {
    assert.equal((lost.cause as Error).message, 'too late');
    assert.match(warning.message, /too late/);
  }
  if (how === 'exits') assert.equal(lost.exitCode, 5);
  if (how === 'kills') assert.equal(lost.signal, 'SIGKILL');
}

const waysOf = (name: string) => ['throws', 'rejects', 'exits', ...(name.startsWith('process') ? ['kills'] : [])];

for (const { name, make } of kinds) {
  test(`${name}: the death of an idle worker is told once, with its error`, async (t) => {
    const seen = warnings(t);
    await using pool = make({ workers: 1 });
    for (const [i, how] of waysOf(name).entries()) {
      assert.equal(await pool.submit(dieLater, how), 'well');
      await until('it is told', () => seen.length > i);
      isRight(seen[i], how);
      assert.match(seen[i].message, /was lost while it was idle/);
      assert.equal(await pool.submit(add, 1, 2), 3);
    }
    assert.equal(seen.length, waysOf(name).length);
  });

  test(`${name}: a death that a call fails with is told by that call alone`, async (t) => {
    const seen = warnings(t);
    await using pool = make({ workers: 1 });
    for (const how of waysOf(name)) await assert.rejects(async () => await pool.submit(dieWithin, how), WorkerLostError);
    assert.deepEqual(seen, []);
  });

  test(`${name}: a call that was cancelled tells nobody of its worker's death; the warning does`, async (t) => {
    const seen = warnings(t);
    await using pool = make({ workers: 1, grace: 20_000 });
    const path = file();
    const call = pool.submit(dieWhenCancelled, 'throws', path);
    await until('it runs', () => existsSync(path));
    call.cancel();
    await assert.rejects(async () => await call, { name: 'AbortError' });
    await until('it is told', () => seen.length === 1);
    isRight(seen[0], 'throws');
  });

  test(`${name}: the hook is told in the place of a warning`, async (t) => {
    const seen = warnings(t);
    const told: unknown[] = [];
    const restore = onLateError((error) => told.push(error));
    await using pool = make({ workers: 1 });
    await pool.submit(dieLater, 'throws');
    await until('it is told', () => told.length === 1);
    restore();
    assert.ok(told[0] instanceof WorkerLostError);
    assert.deepEqual(seen, []);
  });

  test(`${name}: ends that were asked for are told nobody`, async (t) => {
    const seen = warnings(t);
    const pool = make({ workers: 2, grace: 10, idleTimeout: 20 });
    await pool.submit(add, 1, 2);
    await until('its idle worker has ended', () => pool.stats().workers === 0);
    const call = pool.submit(dieWithin, 'never');
    call.cancel();
    await assert.rejects(async () => await call, { name: 'AbortError' });
    await pool.shutdown({ cancelPending: true, grace: 0 });
    assert.deepEqual(seen, []);
  });
}

for (const { kind, Kind } of ones) {
  test(`${kind} of one call: its death after its future has settled is told`, async (t) => {
    const seen = warnings(t);
    for (const [i, how] of waysOf(kind).entries()) {
      const path = file();
      const one = Kind.with({ grace: 20_000 }).start(dieWhenCancelled, how, path);
      await until('it runs', () => existsSync(path));
      one.cancel();
      await assert.rejects(async () => await one, { name: 'AbortError' });
      await one.join();
      await until('it is told', () => seen.length > i);
      isRight(seen[i], how);
    }
    assert.equal(seen.length, waysOf(kind).length);
  });
}
