import type { Worker } from 'node:worker_threads';

/** The processor time of a thread, asked from outside: also while it is busy. */
export class ThreadTime {
  readonly #worker: Worker & { cpuUsage?(): Promise<{ user: number; system: number }> };
  /** Its number in the operating system, once the thread has written it. */
  readonly #task: Int32Array;
  #file: number | undefined;
  #closed = false;
  #asked = false;
  #last: number | undefined;

  constructor(worker: Worker, task: Int32Array) {
    this.#worker = worker;
    this.#task = task;
  }

  /** In ms since its start; `undefined` where the platform does not tell. */
  read(): number | undefined {
    if (this.#closed) return this.#last;
    if (this.#task[0] > 0) this.#last = this.#fromProc() ?? this.#last;
    else this.#ask();
    return this.#last;
  }

  close(): void {
    this.#closed = true;
    if (this.#file !== undefined) process.getBuiltinModule('node:fs').closeSync(this.#file);
    this.#file = undefined;
  }

  /** The first number of schedstat is the time on a processor, in ns. */
  #fromProc(): number | undefined {
    const { openSync, readSync } = process.getBuiltinModule('node:fs');
    try {
      // Kept open: a read costs a tenth of opening it.
      this.#file ??= openSync(`/proc/self/task/${this.#task[0]}/schedstat`, 'r');
      const length = readSync(this.#file, bytes, 0, bytes.length, 0);
      return Number.parseInt(bytes.toString('latin1', 0, length), 10) / 1e6;
    } catch {
      return undefined; // the thread is ending, and its exit is about to be told
    }
  }

  /** Where there is no /proc, from Node 22.19 on: the answer comes later, so this gives the one before. */
  #ask(): void {
    if (this.#asked || this.#worker.cpuUsage === undefined) return;
    this.#asked = true;
    this.#worker.cpuUsage().then(
      ({ user, system }) => {
        this.#asked = false;
        this.#last = (user + system) / 1000;
      },
      () => {
        this.#asked = false; // it is not running, or no more
      },
    );
  }
}

const bytes = Buffer.allocUnsafe(128);
