/** Texts up to this length are looked for among those that came before: programs send the same ones again and again. */
const MOST_KEPT = 24;
const PLACES = 1024;

const kept: string[] = new Array<string>(PLACES).fill('');

/** A text of one byte a character. */
export function textOf(bytes: Uint8Array, at: number, length: number): string {
  if (length === 0) return '';
  if (length > MOST_KEPT) return fresh(bytes, at, length);
  let hash = length;
  for (let i = 0; i < length; i++) hash = (Math.imul(hash, 31) + bytes[at + i]) | 0;
  const place = (hash ^ (hash >>> 10)) & (PLACES - 1);
  const known = kept[place];
  if (known.length === length && isSame(known, bytes, at)) return known;
  const text = fresh(bytes, at, length);
  kept[place] = text;
  return text;
}

function isSame(text: string, bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[at + i]) return false;
  return true;
}

let buffer: Buffer | undefined;

function fresh(bytes: Uint8Array, at: number, length: number): string {
  if (buffer === undefined || buffer.buffer !== bytes.buffer || buffer.byteOffset !== bytes.byteOffset || buffer.length !== bytes.length)
    buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return buffer.toString('latin1', at, at + length);
}
