import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WireError, WorkerLostError } from 'meantime';
import { ProcessPoolExecutor } from 'meantime/processes';
import { ThreadPoolExecutor } from 'meantime/threads';
import { echo } from '../fixtures/calls/calls.js';
import { forge, forgeItems, forgePart, inCall, inChunk, inStream } from '../fixtures/ports/forge.js';

/*
 * A worker that has been taken over says what it likes to its pool: it is the end of that worker,
 * and of what it ran.
 */

const broken = (what: string) => (error: Error) => {
  assert.ok(error instanceof WorkerLostError, `${what}: ${error.stack}`);
  assert.ok(error.cause instanceof WireError, `${what}: its cause is ${String(error.cause)}`);
  return true;
};

const slowEcho = async (value: string, ms: number): Promise<string> => {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return value;
};

/**
 * Both kinds of worker are heard by the same code: of processes, which start slowly, each fourth
 * one does.
 */
for (const { name, step, make } of [
  { name: 'threads', step: 1, make: (env: Record<string, string>) => new ThreadPoolExecutor({ workers: 2, env }) },
  { name: 'processes', step: 4, make: (env: Record<string, string>) => new ProcessPoolExecutor({ workers: 2, env }) },
]) {
  const some = (cases: object): string[] => Object.keys(cases).filter((_, i) => i % step === 0);
  /**
   * A fault in `run` ends its worker; the calls of another one go on meanwhile, and so does the
   * pool.
   */
  const survives = async (what: string, run: (pool: ReturnType<typeof make>) => Promise<unknown>): Promise<void> => {
    const pool = make({ ...(process.env as Record<string, string>), FORGE: what });
    const neighbour = pool.submit(slowEcho, 'beside', 100);
    await assert.rejects(run(pool), broken(what), what);
    assert.equal(await neighbour, 'beside', what);
    assert.equal(await pool.submit(echo, 'after'), 'after', what);
    await pool.shutdown();
  };

  test(`${name}: what no worker says, said by a call`, { timeout: 120_000 }, async () => {
    for (const what of some(inCall)) await survives(what, async (pool) => await pool.submit(forge, what));
  });

  test(`${name}: what no worker says, said amid a chunk`, { timeout: 120_000 }, async () => {
    for (const what of some(inChunk)) await survives(what, async (pool) => await pool.map(forgePart, [0, 1, 2, 3], { chunk: 4 }));
  });

  test(`${name}: what no worker says, said amid a stream`, { timeout: 120_000 }, async () => {
    for (const what of some(inStream))
      await survives(what, async (pool) => {
        for await (const _ of pool.stream(forgeItems, what));
      });
  });
}
