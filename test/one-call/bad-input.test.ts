import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { NotCloneableError, NotPortableError, OptionError } from 'meantime';
import { Process } from 'meantime/processes';
import { Lock } from 'meantime/tasks';
import { Thread } from 'meantime/threads';
import { add } from '../fixtures/one-call/calls.js';
import { kinds } from './kinds.js';

for (const { kind, Kind } of kinds) {
  test(`${kind}: what is not a function rejects, and starts nothing`, async () => {
    for (const wrong of ['add', 5, null, undefined, {}]) {
      const one = Kind.start(wrong as never);
      await assert.rejects(async () => await one, { code: 'MEANTIME_NOT_CALLABLE', message: /\.start expects a function, got/ });
      assert.equal('pid' in one ? one.pid : one.threadId, undefined);
      await one.join();
    }
  });

  test(`${kind}: a function that cannot travel is a NotPortableError that names what it uses`, async () => {
    const outside = 2;
    const one = Kind.start((n: number) => n * outside, 21);
    await assert.rejects(
      async () => await one,
      (error: NotPortableError) => {
        assert.ok(error instanceof NotPortableError);
        assert.deepEqual(error.freeVariables, ['outside']);
        return true;
      },
    );
    await one.join();
  });

  test(`${kind}: an argument or a result that cannot travel is a NotCloneableError`, async () => {
    const argument = Kind.start(
      (fn: unknown) => typeof fn,
      () => 1,
    );
    await assert.rejects(async () => await argument, NotCloneableError);
    const result = Kind.start(() => () => 1);
    await assert.rejects(async () => await result, NotCloneableError);
    const lock = Kind.start((given: unknown) => typeof given, new Lock());
    await assert.rejects(async () => await lock, NotCloneableError);
    await Promise.all([argument.join(), result.join(), lock.join()]);
  });

  test(`${kind}: an unknown option is an error that names the nearest`, () => {
    assert.throws(() => Kind.with({ nmae: 'x' } as never), { name: 'OptionError', message: /has no option "nmae".*name/ });
    assert.throws(() => Kind.with({ timeout: -1 }), OptionError);
    assert.throws(() => Kind.with({ timeout: '5' } as never), OptionError);
    assert.throws(() => Kind.with({ memoryLimit: 0 }), OptionError);
    assert.throws(() => Kind.with({ retries: 1 } as never), OptionError); // one call, once
    assert.throws(() => Kind.with(5 as never), OptionError);
  });

  test(`${kind}: a join for what is no time is an error`, async () => {
    const one = Kind.start(add, 1, 2);
    for (const wrong of [-1, Number.NaN, '5']) assert.throws(() => one.join(wrong as never), OptionError);
    await one;
    await one.join(Number.POSITIVE_INFINITY);
  });

  test(`${kind}: options are its own properties only`, async () => {
    Object.defineProperty(Object.prototype, 'name', { value: 'polluted', configurable: true });
    try {
      const one = Kind.start(add, 1, 2);
      assert.match(one.name, /\(add\)$/);
      await one.join();
    } finally {
      delete (Object.prototype as { name?: string }).name;
    }
  });
}

for (const { kind, Kind } of kinds) {
  test(`${kind}: an argument that throws at whoever looks into it`, async () => {
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    const trap = () => {
      throw new RangeError('nobody looks in here');
    };
    const proxies = [
      revoked.proxy,
      new Proxy({}, { getPrototypeOf: trap }),
      new Proxy({}, { has: trap }),
      new Proxy({}, { ownKeys: trap }),
    ];
    for (const proxy of proxies)
      for (const value of [proxy, { at: [proxy] }]) {
        await assert.rejects(async () => await Kind.start(add, value as never, 1), NotCloneableError);
      }
  });
}

test('a process that the system does not give is a WorkerStartError, and takes no descriptor; then one can be started', {
  skip: process.platform === 'win32' && 'no such limits on Windows',
}, async () => {
  const program = fileURLToPath(new URL('../../../test/fixtures/one-call/few-files.mjs', import.meta.url));
  const child = spawn('sh', ['-c', 'ulimit -n 64 && exec "$0" "$1"', process.execPath, program], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  assert.deepEqual(await once(child, 'close'), [0, null]);
  assert.match(
    text,
    /^MEANTIME_WORKER_START .*null bytes.*\nMEANTIME_WORKER_START .*E2BIG.*\n(MEANTIME_WORKER_START .*EMFILE.*\n){3}3 0\n$/,
  );
});

test('a process has options that a thread has not', () => {
  assert.throws(() => Thread.with({ cwd: '/' } as never), OptionError);
  assert.throws(() => Process.with({ stdout: 'stderr' } as never), OptionError);
  assert.throws(() => Thread.with({ stdout: 'pipe' } as never), OptionError);
  for (const on of [Thread, Process]) assert.throws(() => on.with({ env: { NUL: 'a\0b' } }), { message: /without NUL, and "NUL" is none/ });
});

for (const room of ['threads', 'processes']) {
  test(`${room}: started at the top level of a module that its own worker imports it is a RecursiveImportError`, async () => {
    const program = fileURLToPath(new URL(`../../../test/fixtures/one-call/recursive-${room}.mjs`, import.meta.url));
    const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
    });
    const [code] = await once(child, 'close');
    assert.match(text, /^MEANTIME_RECURSIVE_IMPORT .*isMain\(import\.meta\.url\)/);
    assert.equal(code, 0, text);
  });
}
