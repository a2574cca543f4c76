import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exportPathAt } from './export-syntax.js';
import { exportedAt } from './exported-at.js';
import { loadParser } from './syntax.js';
import { topImports } from './top-imports.js';

const parse = await loadParser();

/** The function in question begins at the parenthesis after the mark. */
function pathOf(marked: string): readonly string[] | undefined {
  const at = marked.indexOf('@');
  const program = parse(marked.replace('@', ''));
  if (program instanceof Error) throw program;
  return exportPathAt(program, at);
}

test('an export is read from the text of a module that cannot be asked', () => {
  const rows: [string, string[] | undefined][] = [
    ['export function f@() {}', ['f']],
    ['export async function* f@() {}', ['f']],
    ['export default function @() {}', ['default']],
    ['export default @(x) => x', ['default']],
    ['export const f = @(x) => x', ['f']],
    ['export const a = 1, f = function @() {}', ['f']],
    ['export { f as g }; function f@() {}', ['g']],
    ['const f = async @(x) => x; export { f as default }', ['default']],
    ['export { f as "any name" }; function f@() {}', ['any name']],
    ['function f@() {} export default f', ['default']],
    ['export class K { static m@() {} }', ['K', 'm']],
    ['export class K { static m = @() => 1 }', ['K', 'm']],
    ['export const api = { m@() {}, n: 1 }', ['api', 'm']],
    ['const api = { "m": @() => 1 }; export { api }', ['api', 'm']],
    ['export const f = __name(@(x) => x, "f")', ['f']],
    ['export class K { m@() {} }', undefined],
    ['export class K { static #m@() {} }', undefined],
    ['export class K { static get m@() { return 1 } }', undefined],
    ['export const f = wrap(@(x) => x)', undefined],
    ['export function f() { return function g@() {} }', undefined],
    ['export let f = @(x) => x', undefined],
    ['function f@() {}', undefined],
    ['export { f } from "./f.js"; function g@() {}', undefined],
  ];
  for (const [text, path] of rows) assert.deepEqual(pathOf(text), path, text);
});

test('a line that exports a function by itself is known without a parser', () => {
  const rows: [line: string, name: string, found: string | undefined][] = [
    ['export function resize@(x) {', 'resize', 'resize'],
    ['export async function* resize @(x) {', 'resize', 'resize'],
    ['export default function resize@(x) {', 'resize', 'default'],
    ['export default function @(x) {', 'default', 'default'],
    ['export function resize<T extends Size>@(x: T) {', 'resize', 'resize'],
    ['export const resize = @(x) => x', 'resize', 'resize'],
    ['export const resize = async @(x) => x', 'resize', 'resize'],
    ['export const resize: Resize = async @(x) => x', 'resize', 'resize'],
    ['export const resize = function @(x) {', 'resize', 'resize'],
    ['export const resize = wrap(@(x) => x)', 'resize', undefined],
    ['export const resize = (y) => @(x) => x', 'resize', undefined],
    ['export function resize@(x) {', 'other', undefined],
    ['  export function resize@(x) {', 'resize', undefined],
    ['// export function resize@(x) {', 'resize', undefined],
    ['function resize@(x) {', 'resize', undefined],
  ];
  for (const [line, name, found] of rows) {
    const place = { scriptId: '1', line: 1, column: line.indexOf('@') };
    assert.equal(exportedAt(`// above\n${line.replace('@', '')}\n}`, place, name), found, line);
  }
  assert.equal(exportedAt('short', { scriptId: '1', line: 7, column: 3 }, 'resize'), undefined);
});

test('import declarations are read from the top of a module until something else comes', () => {
  const text = `#!/usr/bin/env node
// a comment with import { no } from './no.js'
'use strict';
import './effect.js';
import def from "./def.js"; import * as all from './all.js'
import { a, b as c, type T, default as d } from './named.js';
import both, { e } from './both.js' with { type: 'x' };
import type { U } from './types.js';
import type from './type.js';
/* import { no } from './no.js' */
import {
  f, // not { g }
} from './lines.js';
import('./dynamic.js');
import { no } from './no.js';`;
  assert.deepEqual(
    topImports(text).map(({ specifier, names, whole }) => [specifier, whole, ...names]),
    [
      ['./effect.js', false],
      ['./def.js', true],
      ['./all.js', true],
      ['./named.js', false, 'a', 'b', 'default'],
      ['./both.js', true, 'e'],
      ['./type.js', true],
      ['./lines.js', false, 'f'],
    ],
  );
  assert.deepEqual(topImports(''), []);
  assert.deepEqual(topImports('import.meta.url; import { a } from "./a.js"'), []);
  assert.deepEqual(topImports('const s = `import { a } from "./a.js"`'), []);
});
