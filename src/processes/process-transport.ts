import type { ChildProcess, SpawnOptions } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { clock } from '../core/index.js';
import { inheritedExecArgv, type Link, type LinkEvents, type PoolOptions, Tail, type Transport } from '../pool/index.js';
import { type Boot, encode, FrameReader, needsCode, writeFrame } from '../wire/index.js';
import { openSides, type Sides } from './memory/sides.js';

/** What only processes have. */
export interface ProcessOptions {
  /** The workers' working directory. Default: this process's. */
  cwd?: string;
  /** Options for `node` itself. Default: those of this process, without its inspector's port. */
  execArgv?: readonly string[];
  /** How long a worker that is told to end may take before it is killed, in ms. Default 1,000. */
  killGrace?: number;
}

const entry = fileURLToPath(new URL('../processes/process.entry.js', import.meta.url));

/** Workers that are processes: each its own interpreter, memory and file handles. They talk over an inherited socket pair. */
export class ProcessTransport implements Transport {
  readonly kind = 'process';
  readonly shares = false;
  readonly patience: number;
  readonly #options: PoolOptions & ProcessOptions;

  constructor(options: PoolOptions & ProcessOptions) {
    this.#options = options;
    this.patience = options.killGrace ?? 1000;
  }

  open(boot: Boot, _claims: unknown, events: LinkEvents): Link {
    return new ProcessLink(this.#options, boot, events);
  }
}

/** How long after a worker's exit its pipe may stay open, in ms: a process that it started may have inherited its end. */
const LINGER = 1000;

/**
 * Two descriptors, one for each direction: a failed write closes its socket and throws away what that has not read, and what a dying worker
 * had answered must be read to the end.
 */
class ProcessLink implements Link {
  readonly #child: ChildProcess;
  /** Descriptor 3 of the worker: what it says. */
  readonly #in: Socket | undefined;
  /** Descriptor 4: what it is told. */
  readonly #out: Socket | undefined;
  /** Descriptors 5 and 6: where large buffers go beside those. */
  readonly #sides: Sides | undefined;
  readonly #stderr = new Tail();
  readonly #events: LinkEvents;
  #error: unknown;
  #exit: { exitCode: number | null; signal: string | null } | undefined;
  #read = false;
  #over = false;

  constructor({ memoryLimit, env, stdout, cwd, execArgv }: PoolOptions & ProcessOptions, boot: Boot, events: LinkEvents) {
    this.#events = events;
    const sides = openSides();
    const frame = writeFrame({ ...boot, beside: sides !== undefined });
    this.#sides = sides;
    const flags = [...(execArgv ?? inheritedExecArgv())];
    if (memoryLimit !== undefined) flags.push(`--max-old-space-size=${Math.max(1, Math.round(memoryLimit / 2 ** 20))}`);
    const { spawn } = process.getBuiltinModule('node:child_process');
    // Node reads inherited options and inherited variables, too: with a polluted `Object.prototype` they could name a file to load.
    const options: SpawnOptions = Object.assign(Object.create(null), {
      cwd,
      env: Object.assign(Object.create(null), env ?? process.env),
      stdio: ['ignore', stdout === 'stderr' ? 2 : 'inherit', 'pipe', 'pipe', 'pipe', ...(sides?.inherited ?? [])],
      windowsHide: true,
    });
    this.#child = spawn(process.execPath, [...flags, entry], options);
    this.#child.on('error', (error) => {
      this.#error = error;
      if (this.#child.pid === undefined) this.#finish({ exitCode: null, signal: null });
    });
    this.#child.on('exit', (exitCode, signal) => {
      this.#exit = { exitCode, signal };
      if (this.#read) this.#finish(this.#exit);
      else clock.after(LINGER, () => this.#finish({ exitCode, signal }), true);
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr.push(chunk);
      process.stderr.write(chunk);
    });
    this.#in = (this.#child.stdio?.[3] ?? undefined) as Socket | undefined; // where no process could be made, there are none
    this.#out = (this.#child.stdio?.[4] ?? undefined) as Socket | undefined;
    this.#listen();
    this.#out?.write(frame);
  }

  get id(): number {
    return this.#child.pid ?? 0;
  }

  post(message: unknown[]): void {
    const frame = writeFrame(message, this.#sides?.writer);
    if (this.#out && !this.#out.destroyed) this.#out.write(frame);
  }

  carries(value: unknown): boolean {
    try {
      writeFrame(needsCode(value) ? encode(value) : value);
      return true;
    } catch {
      return false; // which is the question
    }
  }

  hold(on: boolean): void {
    for (const handle of [this.#child, this.#in, this.#out, this.#child.stderr as Socket | null]) {
      if (on) handle?.ref();
      else handle?.unref();
    }
  }

  kill(): void {
    this.hold(true);
    this.#child.kill('SIGKILL');
  }

  #listen(): void {
    const reader = new FrameReader(this.#events.message, this.#sides?.reader);
    this.#in?.on('data', (chunk: Buffer) => {
      try {
        reader.push(chunk);
      } catch (error) {
        this.#broken(error); // bytes on the descriptor that are no messages
      }
    });
    this.#in?.on('error', (error) => this.#broken(error));
    this.#in?.on('close', () => {
      this.#read = true;
      if (this.#exit) this.#finish(this.#exit);
      // A worker that nobody can hear is of no use; one that exits just now is not harmed.
      else clock.after(LINGER, () => this.kill(), true);
    });
    // A worker that is gone cannot be written to: its exit tells that.
    this.#out?.on('error', (error) => {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EPIPE' && code !== 'ECONNRESET') this.#broken(error);
    });
  }

  #broken(error: unknown): void {
    this.#error ??= error;
    this.kill();
  }

  #finish(exit: { exitCode: number | null; signal: string | null }): void {
    if (this.#over) return;
    this.#over = true;
    // One turn more, for the last of stderr.
    clock.soon(() => {
      this.#child.stderr?.destroy();
      this.#in?.destroy();
      this.#out?.destroy();
      this.#sides?.close();
      this.#events.end({ ...exit, stderr: this.#stderr.toString(), error: this.#error });
    });
  }
}
