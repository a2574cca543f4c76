import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { hasDeathSignal } from './death-signal.js';
import { keepsDeathSignal } from './keeps-death-signal.js';

/** A second is promised; what this machine's other work takes is on top. */
const LIMIT = 1000 + 500;

const at = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);

/** A program whose worker has answered once, is in a loop of its second call if that is asked for, and leaves a note when it exits by itself. */
const second = (watch: string, isBusy: boolean) => `
  import { Pool, PoolExecutor } from ${at('../pool/index.js')};
  import { ProcessTransport } from ${at('./process-transport.js')};
  class Executor extends PoolExecutor {}
  const executor = new Executor(new Pool('test', new ProcessTransport({ watch: ${JSON.stringify(watch)} }), {}, 1), true);
  console.log(await executor.submit(() => {
    process.on('exit', () => process.stdout.write('exits\\n'));
    return process.pid;
  }));
  if (${isBusy}) executor.submit(() => {
    process.stdout.write('in it\\n');
    for (;;);
  });
  else {
    const heard = () => executor.submit(() => process.listenerCount('SIGPWR'));
    while (${watch === 'kernel' && hasDeathSignal()} && (await heard()) === 0);
    console.log('handed over');
    setTimeout(() => undefined, 60_000);
  }
`;

/** A program with one worker in a loop that never yields, after the worker has told its id. With a number it kills itself so many ms after it started the worker. */
const program = (watch: string, ms: number | undefined) => `
  import { Pool, PoolExecutor } from ${at('../pool/index.js')};
  import { ProcessTransport } from ${at('./process-transport.js')};
  class Executor extends PoolExecutor {}
  const transport = new ProcessTransport({ watch: ${JSON.stringify(watch)} });
  const open = transport.open.bind(transport);
  transport.open = (...args) => {
    const link = open(...args);
    process.stdout.write(link.id + '\\n');
    if (${ms} !== undefined) setTimeout(() => process.kill(process.pid, 'SIGKILL'), ${ms});
    return link;
  };
  const executor = new Executor(new Pool('test', transport, {}, 1), true);
  executor.submit(() => {
    process.stdout.write('in it\\n');
    for (;;);
  });
`;

const isGone = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return process.platform === 'linux' && /^\d+ \(.*\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
};

async function goneAfter(pid: number): Promise<number> {
  const began = performance.now();
  while (!isGone(pid)) {
    assert.ok(performance.now() - began < LIMIT, `the worker outlives its parent by more than ${LIMIT} ms`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return Math.round(performance.now() - began);
}

for (const watch of ['kernel', 'thread']) {
  const skip = watch === 'kernel' && !hasDeathSignal() ? 'there is no setpriv here that sets a death signal' : false;

  for (const ms of [undefined, 0, 60, 120]) {
    const when = ms === undefined ? 'in a busy loop' : `${ms} ms after its start`;
    test(`watched by a ${watch}, a worker ends with its parent, killed with -9, ${when}`, { skip }, async (t) => {
      const parent = spawn(process.execPath, ['--input-type=module', '-e', program(watch, ms)], { stdio: ['ignore', 'pipe', 'inherit'] });
      const ended = once(parent, 'exit');
      const lines = createInterface(parent.stdout)[Symbol.asyncIterator]();
      const pid = Number((await lines.next()).value);
      assert.ok(pid > 0);
      if (ms === undefined) {
        assert.equal((await lines.next()).value, 'in it');
        parent.kill('SIGKILL');
      }
      await ended;
      t.diagnostic(`gone after ${await goneAfter(pid)} ms`);
      parent.stdout.destroy();
    });
  }
}

for (const watch of ['kernel', 'thread']) {
  const start = (isBusy: boolean) => {
    const parent = spawn(process.execPath, ['--input-type=module', '-e', second(watch, isBusy)], { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface(parent.stdout)[Symbol.asyncIterator]();
    return { parent, lines, line: async (): Promise<string> => (await lines.next()).value };
  };

  test(`watched by a ${watch} at first: in the loop of a later call it ends with its parent, too`, async (t) => {
    const { parent, line } = start(true);
    const pid = Number(await line());
    assert.equal(await line(), 'in it');
    parent.kill('SIGKILL');
    t.diagnostic(`gone after ${await goneAfter(pid)} ms`);
    parent.stdout.destroy();
  });

  test(`watched by a ${watch} at first: after its first answer its exit handlers run when the parent is gone`, async () => {
    const { parent, line } = start(false);
    const pid = Number(await line());
    assert.equal(await line(), 'handed over');
    parent.kill('SIGKILL');
    assert.equal(await line(), 'exits');
    await goneAfter(pid);
    parent.stdout.destroy();
  });
}

test('a program that gained no rights keeps its death signal', { skip: process.platform !== 'linux' && 'Linux only' }, () => {
  assert.equal(keepsDeathSignal(), true);
});
