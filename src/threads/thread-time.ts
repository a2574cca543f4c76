import type { Worker } from 'node:worker_threads';
import { Schedstat } from '../core/index.js';

const UNKNOWN: { computing: number | undefined; waiting: number | undefined } = { computing: undefined, waiting: undefined };

/** The processor time of a thread, asked from outside: also while it is busy. */
export class ThreadTime {
  readonly #worker: Worker & { cpuUsage?(): Promise<{ user: number; system: number }> };
  /** Its number in the operating system, once the thread has written it. */
  readonly #task: Int32Array;
  #stat: Schedstat | undefined;
  #closed = false;
  #asked = false;
  #last = UNKNOWN;

  constructor(worker: Worker, task: Int32Array) {
    this.#worker = worker;
    this.#task = task;
  }

  /** What cannot be told is `undefined`. */
  read(): typeof UNKNOWN {
    if (this.#closed) return this.#last;
    const [task] = this.#task;
    if (task > 0) {
      this.#stat ??= new Schedstat(`/proc/self/task/${task}/schedstat`);
      this.#last = this.#stat.read() ?? this.#last; // else it is ending, and its exit is about to be told
    } else this.#ask();
    return this.#last;
  }

  close(): void {
    this.#closed = true;
    this.#stat?.close();
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
