// The log of a web server: 20,000 lines such as   203.0.113.7 GET /shop/17 200 5310
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export const LINES = 20_000;

const lineOf = (n: number): string => {
  const status = n % 97 === 0 ? 500 : n % 13 === 0 ? 404 : 200;
  return `203.0.113.${(n * 7) % 256} GET /shop/${(n * n) % 1000} ${status} ${(n * 31) % 9000}`;
};

function* lines(broken: number | undefined): Generator<string> {
  for (let n = 1; n <= LINES; n++) yield `${n === broken ? 'garbage' : lineOf(n)}\n`;
}

/** Writes it, with one line in it, `broken`, that is none if that is asked for. */
export const writeLog = (path: string, broken?: number): Promise<void> => pipeline(Readable.from(lines(broken)), createWriteStream(path));

export interface Hit {
  readonly line: number;
  readonly from: string;
  readonly path: string;
  readonly status: number;
  readonly bytes: number;
}

export function parse(text: string, line: number): Hit {
  const [from, method, path, status, bytes, ...rest] = text.split(' ');
  if (method === undefined || rest.length > 0 || !(Number(bytes) >= 0)) {
    throw new SyntaxError(`line ${line}: expected "ADDRESS METHOD PATH STATUS BYTES", got "${text}"`);
  }
  return { line, from, path, status: Number(status), bytes: Number(bytes) };
}
