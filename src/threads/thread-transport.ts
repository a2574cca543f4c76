import type { ResourceLimits, Transferable, Worker, WorkerOptions } from 'node:worker_threads';
import type { Link, LinkEnd, LinkEvents, LinkUsage, PoolOptions, Transport } from '../pool/index.js';
import { inheritedExecArgv, Tail } from '../pool/index.js';
import { type Boot, type Claims, encode, needsCode } from '../wire/index.js';
import { handDown, markDead } from './shared/life.js';
import { ThreadTime } from './thread-time.js';

const entry = new URL('../threads/thread.entry.js', import.meta.url);

/** Workers that are threads of this process. */
export class ThreadTransport implements Transport {
  readonly kind = 'thread';
  readonly shares = true;
  readonly patience = 1000;
  readonly #options: PoolOptions;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  open(boot: Boot, claims: Claims | undefined, events: LinkEvents): Link {
    return new ThreadLink(this.#options, { ...boot, claims: claims?.memory }, events);
  }
}

class ThreadLink implements Link {
  readonly carrier = 'clone';
  readonly #worker: Worker;
  readonly #stderr = new Tail();
  readonly #time: ThreadTime;
  #error: unknown;
  #id: number;

  constructor({ memoryLimit, env, name, stdout }: PoolOptions, boot: Boot, events: LinkEvents) {
    const task = new SharedArrayBuffer(4);
    this.#worker = start({
      workerData: { ...boot, stdout, task },
      env: env as NodeJS.ProcessEnv | undefined,
      name: name ?? 'meantime',
      resourceLimits: memoryLimit === undefined ? undefined : limits(memoryLimit / 2 ** 20),
    });
    this.#id = this.#worker.threadId;
    this.#time = new ThreadTime(this.#worker, new Int32Array(task));
    // Node passes it on to this process's stderr. To take that over (`stderr: true`) would hold the process as long as the thread lives.
    this.#worker.stderr.on('data', (chunk: Buffer) => this.#stderr.push(chunk));
    this.#worker.on('message', events.message);
    this.#worker.on('error', (error) => {
      this.#error = error;
    });
    this.#worker.on('messageerror', (error) => {
      this.#error = error;
      this.kill();
    });
    // Node hands on what the worker had posted before it tells of the exit.
    this.#worker.on('exit', (exitCode) => {
      markDead(this.#id + 1);
      this.#time.close();
      const end: LinkEnd = { exitCode, signal: null, stderr: this.#stderr.toString(), error: this.#error };
      events.end(end);
    });
  }

  get id(): number {
    return this.#id;
  }

  post(message: unknown[], transfer?: readonly unknown[]): void {
    this.#worker.postMessage(message, transfer as Transferable[] | undefined);
  }

  carries(value: unknown): boolean {
    try {
      structuredClone(needsCode(value) ? encode(value, this.carrier, []) : value);
      return true;
    } catch {
      return false; // which is the question
    }
  }

  hold(on: boolean): void {
    if (on) this.#worker.ref();
    else this.#worker.unref();
  }

  usage(): LinkUsage {
    return { busy: this.#worker.performance.eventLoopUtilization().active, ...this.#time.read() };
  }

  kill(): void {
    this.#worker.ref(); // or the process could end before the exit is told
    this.#worker.terminate().catch(() => undefined);
  }
}

/**
 * A thread that comes near its limit is given 16 MB more and told to stop. If the young generation is larger than that, what survives one collection
 * can use it all up before the thread gets there, and V8 then ends the whole process.
 */
const limits = (mb: number): ResourceLimits => ({
  maxOldGenerationSizeMb: Math.max(1, mb),
  maxYoungGenerationSizeMb: Math.max(1, Math.min(8, mb / 4)),
});

/** Starts a thread with the options of `node` that this process has, as far as a thread may have them. */
function start(given: WorkerOptions): Worker {
  // Node reads inherited options, too: with a polluted `Object.prototype`, `execArgv` could name a file to load.
  const options: WorkerOptions = Object.assign(Object.create(null), given);
  // Loaded at the first use: who imports `meantime` for its tasks does not pay for threads.
  const { Worker } = process.getBuiltinModule('node:worker_threads');
  handDown();
  const execArgv = inheritedExecArgv();
  // Left out, they are inherited as they are, also those that only a process may be given.
  if (execArgv.length === process.execArgv.length) return new Worker(entry, options);
  try {
    return new Worker(entry, Object.assign(options, { execArgv }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_WORKER_INVALID_EXEC_ARGV') throw error;
    const refused = (error as Error).message;
    return new Worker(entry, Object.assign(options, { execArgv: execArgv.filter((arg) => !refused.includes(arg)) }));
  }
}
