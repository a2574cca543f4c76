import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clock } from '../core/index.js';
import { exportedAt } from './exported-at.js';
import { topImports } from './top-imports.js';

/** Repeated, each is what a pattern may try in many ways. */
const pieces = [
  ' ',
  '\t',
  '\n',
  '(',
  '{',
  '{}',
  '[',
  '<',
  '"',
  "'",
  '`',
  '\\',
  '/*',
  '*/',
  '//',
  '=',
  ':',
  ',',
  '$',
  'a',
  'a ',
  'async ',
  '* ',
];
const heads = ['', 'export const f', 'export const f: ', 'export const f = ', 'export function', 'export async function f', 'export '];
const clauses = ['', 'import ', 'import {', 'import * as ', 'import type '];

const readers: [string, (text: string) => unknown][] = [
  ...heads.map((head): [string, (text: string) => unknown] => [
    `exportedAt after "${head}"`,
    (text) => exportedAt(`${head}${text};`, { scriptId: '1', line: 0, column: Number.MAX_SAFE_INTEGER }, 'f'),
  ]),
  ...clauses.map((head): [string, (text: string) => unknown] => [
    `topImports after "${head}"`,
    (text) => topImports(`${head}${text}from 'x'`),
  ]),
];

function time(read: (text: string) => unknown, piece: string, size: number): number {
  const text = piece.repeat(Math.ceil(size / piece.length));
  const from = clock.now();
  read(text);
  return clock.now() - from;
}

for (const [what, read] of readers) {
  test(`${what}: the time it takes grows as the text does`, () => {
    for (const piece of pieces) {
      // With O(n^2), 64 times the text takes 4,096 times as long: seconds, if the small one takes a
      // millisecond.
      const few = Math.max(1, ...[1, 2, 3].map(() => time(read, piece, 16_384)));
      const many = time(read, piece, 1_048_576);
      assert.ok(many < 1000 * few, `${JSON.stringify(piece)}: ${few} ms, then ${many} ms`);
    }
  });
}
