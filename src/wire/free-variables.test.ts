import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { freeVariables } from './free-variables.js';
import { isKnownGlobal } from './known-globals.js';
import { loadParser, type Syntax } from './syntax.js';

const parse = await loadParser();

function freeIn(text: string, sourceType: 'module' | 'script' = 'module'): string[] {
  const program = parse(`(${text}\n)`, { sourceType });
  if (program instanceof Error) throw program;
  const [statement] = program.body as Syntax[];
  const uses = freeVariables(statement.expression as Syntax);
  for (const { name, at } of uses) {
    // Every use is where it says it is.
    if (/^\w+$/.test(name)) assert.equal(`(${text}`.slice(at, at + name.length), name, text);
  }
  return uses.map((use) => use.name);
}

const rows: [text: string, free: string[]][] = [
  ['(x) => x', []],
  ['(x) => x + y', ['y']],
  ['(x) => x.y + x[z] + { y: 1 }.y', ['z']],
  ['() => ({ y })', ['y']],
  ['() => ({ y: 1, [z]: 2, w() {}, get v() { return u } })', ['z', 'u']],
  ['function f(n) { return n < 2 ? 1 : n * f(n - 1) }', []],
  ['function () { return arguments.length + this.x + (new.target ? 1 : 0) }', []],
  ['() => arguments.length', ['arguments']],
  ['() => this', ['this']],
  ['function () { return () => [this, arguments, new.target] }', []],
  ['() => function () { return this }', []],
  ['() => import.meta.url', ['import.meta']],
  ['function () { return import.meta.url }', ['import.meta']],
  ['() => import("node:fs")', []],
  ['() => import("fs")', []],
  ['() => import("file:///a.js")', []],
  ['() => import("./a.js")', ['import("./a.js")']],
  ['() => import("sharp")', ['import("sharp")']],
  ['(m) => import(m)', []],
  ['() => import(m)', ['m']],
  ['({ a, b: [c, ...d], e = f, ...g }, h = i) => [a, c, d, e, g, h, b]', ['f', 'i', 'b']],
  ['(a, b = a, c = d) => { const d = 1; return a + b + c + d }', ['d']],
  ['() => { if (a) { var x = 1 } return x }', ['a']],
  ['() => { if (1) { let x = 1 } return x }', ['x']],
  ['() => { { function inner() {} inner() } inner() }', ['inner']],
  ['() => { inner(); function inner() {} }', []],
  ['() => { for (let i = 0, n = m; i < n; i++) {} return i }', ['m', 'i']],
  ['(list) => { for (const [k, v] of list) k + v; return k }', ['k']],
  ['(o) => { for (var k in o); return k }', []],
  ['(o) => { for (k in o); }', ['k']],
  ['() => { try { a() } catch (e) { return e } finally { b(e) } }', ['a', 'b', 'e']],
  ['() => { try {} catch ({ message, code = c }) { return message + code } }', ['c']],
  ['() => { loop: for (;;) { break loop } }', []],
  ['(x) => { switch (x) { case y: let z = 1; default: return z } }', ['y']],
  ['() => typeof x', ['x']],
  ['() => { x = 1 }', ['x']],
  [
    '() => class A extends B { static [c] = d; #e = this.f; g() { return super.g() + A.h + (#e in this) } static { var i; i; this; j } }',
    ['B', 'c', 'd', 'j'],
  ],
  ['() => { class A {} return new A() }', []],
  ['() => { const f = function g() { return g }; return [f, g] }', ['g']],
  ['() => ({ m() { return super.toString() } })', []],
  ['async function* () { for await (const x of y) yield* z(x) }', ['y', 'z']],
  [`(s) => s\`\${t}\``, ['t']],
  ['(x) => x?.y?.[z] ?? w', ['z', 'w']],
  ['() => { let a = 1; { let a = b; { a } } return a }', ['b']],
  ['() => { const { a = b, ...rest } = c; return [a, rest] }', ['b', 'c']],
  ['() => { [a.b, c] = d }', ['a', 'c', 'd']],
];

test('free variables are those that nothing in the function declares', () => {
  for (const [text, free] of rows) assert.deepEqual(freeIn(text), free, text);
});

test('a sloppy function may use what strict code may not', () => {
  assert.deepEqual(freeIn('function (o) { with (o) { return x } }', 'script'), ['x']);
  assert.deepEqual(freeIn('function f() { return arguments.callee }', 'script'), []);
});

test('real programs use nothing but the globals of Node and what a module is given', () => {
  const require = createRequire(import.meta.url);
  const given = new Set(['require', 'module', 'exports', 'define', 'self', 'window', '__filename', '__dirname']);
  for (const file of ['acorn', 'csv-parse', 'esbuild', 'fast-check']) {
    const text = readFileSync(require.resolve(file), 'utf8');
    const outer = freeIn(`function () { ${text} \n}`, 'script').filter((name) => !isKnownGlobal(name) && !given.has(name));
    assert.deepEqual(
      outer.filter((name) => !name.startsWith('import(')),
      [],
      file,
    );
  }
});

test('a known global is one of the language or of Node, not one that the program has added', () => {
  for (const name of ['Math', 'process', 'fetch', 'undefined', 'globalThis', 'Buffer', 'setTimeout']) assert.ok(isKnownGlobal(name), name);
  Object.defineProperty(globalThis, 'addedByThisTest', { value: 1, configurable: true });
  for (const name of ['require', 'module', '__dirname', 'window', 'addedByThisTest']) assert.ok(!isKnownGlobal(name), name);
  Reflect.deleteProperty(globalThis, 'addedByThisTest');
});
