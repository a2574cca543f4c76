import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export const hashOf = (...files: string[]): string => {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(file)).update('\0');
  return hash.digest('hex').slice(0, 16);
};

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

  /** What is known for it, whatever it was found out of. */
  last(key: string): T | undefined {
    return this.#entries[key]?.value;
  }

  set(key: string, of: string, value: T): void {
    this.#entries[key] = { of, value };
  }

  save(): void {
    mkdirSync(dirname(this.#file), { recursive: true });
    writeFileSync(this.#file, JSON.stringify(this.#entries));
  }
}
