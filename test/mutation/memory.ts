import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

export const hashOf = (...files: string[]): string => hash(files.map((file) => readFileSync(file, 'utf8')).join('\0'));

/** What was found out before, as long as what it was found out of has not changed: each entry has the hash of that. In a file, so that a run may be stopped at any time. */
export class Memory<T> {
  readonly #file: string;
  readonly #entries: Record<string, { of: string; value: T }>;

  constructor(file: string) {
    this.#file = file;
    this.#entries = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  }

  get(key: string, of: string): T | undefined {
    const entry = this.#entries[key];
    return entry?.of === of ? entry.value : undefined;
  }

  set(key: string, of: string, value: T): void {
    this.#entries[key] = { of, value };
  }

  save(): void {
    mkdirSync(dirname(this.#file), { recursive: true });
    writeFileSync(this.#file, JSON.stringify(this.#entries));
  }
}
