import type { Worker } from 'node:worker_threads';

/** In ms since the thread started. */
export interface ThreadTimes {
  /** How long it was on a processor. */
  readonly computing: number | undefined;
  /** How long it waited for one. */
  readonly waiting: number | undefined;
}

const UNKNOWN: ThreadTimes = { computing: undefined, waiting: undefined };

/** The processor time of a thread, asked from outside: also while it is busy. */
export class ThreadTime {
  readonly #worker: Worker & { cpuUsage?(): Promise<{ user: number; system: number }> };
  /** Its number in the operating system, once the thread has written it. */
  readonly #task: Int32Array;
  #file: number | undefined;
  #closed = false;
  #asked = false;
  #last = UNKNOWN;

  constructor(worker: Worker, task: Int32Array) {
    this.#worker = worker;
    this.#task = task;
  }

  read(): ThreadTimes {
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

  /** In schedstat the first number is the time on a processor, the second that in the line for one, in ns. */
  #fromProc(): ThreadTimes | undefined {
    const { openSync, readSync } = process.getBuiltinModule('node:fs');
    try {
      // Kept open: a read costs a tenth of opening it.
      this.#file ??= openSync(`/proc/self/task/${this.#task[0]}/schedstat`, 'r');
      const length = readSync(this.#file, bytes, 0, bytes.length, 0);
      const [computing, waiting] = bytes.toString('latin1', 0, length).split(' ');
      return { computing: Number(computing) / 1e6, waiting: Number(waiting) / 1e6 };
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
        this.#last = { computing: (user + system) / 1000, waiting: undefined };
      },
      () => {
        this.#asked = false; // it is not running, or no more
      },
    );
  }
}

const bytes = Buffer.allocUnsafe(128);
