import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { runInThisContext } from 'node:vm';
import { loadFunction } from './load.js';
import { sourceText } from './source-text.js';

type Any = (...args: never[]) => unknown;

/** Sends a function through its text and gives what comes out. */
async function travelled<F extends Any>(fn: F): Promise<F> {
  const read = await sourceText(fn, Function.prototype.toString.call(fn));
  assert.ok('script' in read, `${fn}: ${JSON.stringify(read)}`);
  return loadFunction({ kind: 'source', source: read.script, name: fn.name }) as unknown as F;
}

async function refused(fn: Any): Promise<string> {
  const read = await sourceText(fn, Function.prototype.toString.call(fn));
  assert.ok(!('script' in read), String(fn));
  return 'uses' in read ? read.uses.map((use) => use.name).join() : read.unreadable;
}

test('every way to write a function gives the same function from its text', async () => {
  const key = 'computed';
  const methods = {
    plain(x: number) {
      return x + 1;
    },
    async later(x: number) {
      return x + 2;
    },
    *some(x: number) {
      yield x + 3;
    },
    async *[`${key}Name`](x: number) {
      yield x + 4;
    },
    // biome-ignore lint/complexity/useLiteralKeys: the quotes are what is tested
    ['with space'](x: number) {
      return x + 5;
    },
    async(x: number) {
      return x + 6;
    },
  };
  class Klass {
    readonly size = 1;
    static fixed(x: number) {
      return x + 7;
    }
  }
  assert.equal((await travelled((x: number) => x + 1))(1), 2);
  assert.equal(await (await travelled(async (x: number) => x + 1))(1), 2);
  assert.equal(
    (
      await travelled(function sum(x: number): number {
        return x === 0 ? 0 : x + sum(x - 1);
      })
    )(4),
    10,
  );
  assert.equal((await travelled(methods.plain))(1), 2);
  assert.equal(await (await travelled(methods.later))(1), 3);
  assert.deepEqual([...(await travelled(methods.some))(1)], [4]);
  const computed = await travelled(methods.computedName as (x: number) => AsyncGenerator<number>);
  assert.equal((await computed(1).next()).value, 5);
  assert.equal(computed.name, 'computedName');
  assert.equal((await travelled(methods['with space']))(1), 6);
  assert.equal((await travelled(methods.async))(1), 7);
  assert.equal((await travelled(Klass.fixed))(1), 8);
  assert.equal((await travelled(new Function('a', 'b', 'return a * b') as (a: number, b: number) => number))(6, 7), 42);
});

test('a comment at the end of the text does not swallow what stands behind it', async () => {
  const fn = runInThisContext('[(x) => x // the end\n][0]') as (x: number) => number;
  assert.equal((await travelled(fn))(3), 3);
});

test('module code stays strict, a sloppy function stays sloppy', async () => {
  assert.equal(
    (
      await travelled(function (this: unknown) {
        return this === undefined;
      } as Any)
    )(),
    true,
  );
  const sloppy = runInThisContext('(function () { return this === globalThis; })') as Any;
  assert.equal((await travelled(sloppy))(), true);
});

test('the name helper of a compiler comes along', async () => {
  const fn = runInThisContext('() => { const inner = __name((x) => x, "inner"); return inner.name }') as Any;
  assert.equal((await travelled(fn))(), 'inner');
});

test('built-in modules can be imported in the text', async () => {
  assert.equal(await (await travelled(async () => (await import('node:path')).basename('/a/b')))(), 'b');
});

test('what belongs to the place where the function stood holds it back', async () => {
  const require = createRequire(import.meta.url);
  const local = Number(process.pid);
  class Base {
    who() {
      return 'base';
    }
  }
  class Klass extends Base {
    static #hidden(x: number) {
      return x;
    }
    static hidden = Klass.#hidden;
    override who() {
      return super.who();
    }
    static peek(other: Klass) {
      return other instanceof Klass;
    }
  }
  const getter = Object.getOwnPropertyDescriptor(
    {
      get now() {
        return 1;
      },
    },
    'now',
  )?.get as Any;
  assert.equal(await refused((x: number) => x + local), 'local');
  assert.equal(await refused(() => require('node:os')), 'require');
  assert.equal(await refused(() => import.meta.url), 'import.meta');
  assert.equal(await refused(new Klass().who), 'super');
  assert.equal(await refused(Klass.peek), 'Klass');
  assert.equal(await refused(Klass.hidden), 'it is a private method');
  assert.match(await refused(runInThisContext('(class { #x; static read = (o) => o.#x }).read') as Any), /#x/);
  assert.match(await refused(runInThisContext('(function () { return () => new.target })()') as Any), /new\.target/);
  assert.equal(await refused(runInThisContext('({ m() { return () => super.m } }).m()') as Any), 'super');
  assert.equal(await refused(getter), 'it is a getter');
});
