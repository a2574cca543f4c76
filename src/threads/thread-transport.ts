import type { MessagePort, ResourceLimits, Transferable, Worker, WorkerOptions } from 'node:worker_threads';
import { bare, hasShape, isAnything, isText, messageOf, outside, type Part, variablesOf, WireError } from '../core/index.js';
import type { Link, LinkEnd, LinkEvents, LinkUsage, PoolOptions, Transport } from '../pool/index.js';
import { inheritedExecArgv, Tail, workerEnv } from '../pool/index.js';
import { type Boot, type Claims, encode, needsCode, ToPool, ToWorker } from '../wire/index.js';
import { handDown, markDead } from './shared/life.js';
import { ThreadTime } from './thread-time.js';
import { writeOutput } from './write-output.js';

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
    return new ThreadLink(this.#options, bare({ ...boot, claims: claims?.memory }), events);
  }
}

type Output = [kind: number, from: 1 | 2, to: 1 | 2, chunk: string | Uint8Array, encoding: BufferEncoding];

const isDescriptor: Part = (value) => value === 1 || value === 2;

/** The output of a thread: see `ToPool.OUTPUT`. */
const output: readonly Part[] = [(kind) => kind === ToPool.OUTPUT, isDescriptor, isDescriptor, isAnything, isText];

/** Node calls the encoding of bytes `buffer`, which is none for a text. */
const isOutput = (message: unknown): message is Output =>
  hasShape(message, output) && (message[3] instanceof Uint8Array || (isText(message[3]) && Buffer.isEncoding(message[4] as string)));

const unreadable = (cause: unknown): WireError => new WireError(`The thread sent what cannot be read: ${messageOf(cause)}`, { cause });

/** How much of a thread's output is written before it is told, in bytes. */
const ACKNOWLEDGE = 16 * 1024;

class ThreadLink implements Link {
  readonly carrier = 'clone';
  readonly #worker: Worker;
  /**
   * A port of our own: `parentPort` is where the code of calls may post, and `Worker` hands that
   * on.
   */
  readonly #port: MessagePort;
  readonly #events: LinkEvents;
  readonly #stderr = new Tail();
  readonly #time: ThreadTime;
  /** Output of the thread, by stream, that has been written and not told. */
  readonly #written: [number, number] = [0, 0];
  #error: unknown;
  #isKilled = false;
  #id: number;

  constructor({ memoryLimit, env, name, stdout }: PoolOptions, boot: Boot, events: LinkEvents) {
    this.#events = events;
    const { MessageChannel } = process.getBuiltinModule('node:worker_threads');
    const { port1, port2 } = new MessageChannel();
    const task = new SharedArrayBuffer(4);
    const variables = workerEnv(env);
    try {
      this.#worker = start(
        bare({
          workerData: bare({ ...boot, stdout, task, port: port2 }),
          transferList: [port2],
          env: variables && variablesOf(variables),
          name: name ?? 'meantime',
          resourceLimits: memoryLimit === undefined || memoryLimit === Number.POSITIVE_INFINITY ? undefined : limits(memoryLimit / 2 ** 20),
        }),
      );
    } catch (error) {
      port1.close();
      throw error;
    }
    this.#id = this.#worker.threadId;
    this.#port = port1;
    this.#time = new ThreadTime(this.#worker, new Int32Array(task));
    // Written before the thread sends its output through the port: by Node, and by what it loads
    // first. Node passes it on to this process's stderr. To take that over (`stderr: true`) would
    // hold the process as long as the thread lives.
    this.#worker.stderr.on('data', (chunk: Buffer) => this.#stderr.push(chunk));
    port1.on('message', (message: unknown[]) => this.#receive(message));
    port1.on('messageerror', (error) => this.#unreadable(error));
    port1.unref(); // the thread itself holds the process, or lets it end
    this.#worker.on('error', (error) => {
      this.#error = error;
    });
    this.#worker.on('exit', (exitCode) => {
      markDead(this.#id + 1);
      this.#time.close();
      this.#readRest();
      const end: LinkEnd = { exitCode, signal: null, stderr: this.#stderr.toString(), error: this.#error };
      events.end(end);
    });
  }

  get id(): number {
    return this.#id;
  }

  post(message: unknown[], transfer?: readonly unknown[]): void {
    this.#port.postMessage(message, transfer as Transferable[] | undefined);
  }

  carries(value: unknown): boolean {
    try {
      outside(() => structuredClone(needsCode(value) ? encode(value, this.carrier, []) : value));
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
    if (this.#isKilled) return; // each call of `terminate` would leave a listener
    this.#isKilled = true;
    this.#worker.terminate().catch(() => undefined);
  }

  /** Messages that are no output are for the seat, which looks at them before it uses them. */
  #receive(message: unknown): void {
    if (isOutput(message)) this.#output(message);
    else this.#events.message(message);
  }

  #output([, from, descriptor, bytes, encoding]: Output): void {
    if (descriptor === 2) this.#stderr.push(typeof bytes === 'string' ? Buffer.from(bytes, encoding) : Buffer.from(bytes));
    const stream = from - 1;
    writeOutput(descriptor, bytes, encoding, () => {
      this.#written[stream] += bytes.length;
      if (this.#written[stream] < ACKNOWLEDGE) return;
      this.#port.postMessage([ToWorker.WRITTEN, from, this.#written[stream]]);
      this.#written[stream] = 0;
    });
  }

  #unreadable(cause: unknown): void {
    this.#error ??= unreadable(cause);
    this.kill();
  }

  /** The messages that the thread had posted before it was gone: its exit may overtake them. */
  #readRest(): void {
    const { receiveMessageOnPort } = process.getBuiltinModule('node:worker_threads');
    try {
      for (let next = receiveMessageOnPort(this.#port); next; next = receiveMessageOnPort(this.#port)) this.#receive(next.message);
    } catch (error) {
      this.#error ??= unreadable(error);
    }
    this.#port.close();
  }
}

/**
 * A thread that comes near its limit is given 16 MB more and told to stop. If the young generation is larger than that, what survives one collection
 * can use it all up before the thread gets there, and V8 then ends the whole process.
 */
const limits = (mb: number): ResourceLimits =>
  bare({
    maxOldGenerationSizeMb: Math.max(1, mb),
    maxYoungGenerationSizeMb: Math.max(1, Math.min(8, mb / 4)),
  });

/** Starts a thread with the options of `node` that this process has, as far as a thread may have them. */
function start(given: WorkerOptions): Worker {
  // Node reads inherited options, too: with a polluted `Object.prototype`, `execArgv` could name a file to load.
  const options: WorkerOptions = bare(given);
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
