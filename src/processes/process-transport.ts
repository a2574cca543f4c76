import type { ChildProcess, SpawnOptions } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { clock } from '../core/index.js';
import { inheritedExecArgv, type Link, type LinkEvents, type PoolOptions, Tail, type Transport } from '../pool/index.js';
import { type Boot, FrameReader, writeFrame } from '../wire/index.js';

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
  readonly #options: PoolOptions & ProcessOptions;

  constructor(options: PoolOptions & ProcessOptions) {
    this.#options = options;
  }

  open(boot: Boot, _claims: unknown, events: LinkEvents): Link {
    return new ProcessLink(this.#options, boot, events);
  }
}

class ProcessLink implements Link {
  readonly #child: ChildProcess;
  readonly #socket: Socket;
  readonly #stderr = new Tail();
  #error: unknown;
  #exit: { exitCode: number | null; signal: string | null } | undefined;
  #open = 2;
  readonly #events: LinkEvents;

  constructor({ memoryLimit, env, stdout, cwd, execArgv }: PoolOptions & ProcessOptions, boot: Boot, events: LinkEvents) {
    this.#events = events;
    const flags = [...(execArgv ?? inheritedExecArgv())];
    if (memoryLimit !== undefined) flags.push(`--max-old-space-size=${Math.max(1, Math.round(memoryLimit / 2 ** 20))}`);
    const { spawn } = process.getBuiltinModule('node:child_process');
    // Node reads inherited options and inherited variables, too: with a polluted `Object.prototype` they could name a file to load.
    const options: SpawnOptions = Object.assign(Object.create(null), {
      cwd,
      env: Object.assign(Object.create(null), env ?? process.env),
      stdio: ['ignore', stdout === 'stderr' ? 2 : 'inherit', 'pipe', 'pipe'],
      windowsHide: true,
    });
    this.#child = spawn(process.execPath, [...flags, entry], options);
    this.#socket = this.#child.stdio[3] as Socket;
    const stderr = this.#child.stderr as Readable;
    stderr.on('data', (chunk: Buffer) => {
      this.#stderr.push(chunk);
      process.stderr.write(chunk);
    });
    const reader = new FrameReader(events.message);
    this.#socket?.on('data', (chunk: Buffer) => reader.push(chunk));
    // A write to a child that is gone fails here and is told by its exit as well.
    this.#socket?.on('error', (error) => {
      this.#error ??=
        (error as NodeJS.ErrnoException).code === 'EPIPE' || (error as NodeJS.ErrnoException).code === 'ECONNRESET' ? undefined : error;
    });
    this.#socket?.on('close', () => this.#closed());
    this.#child.on('exit', (exitCode, signal) => {
      this.#exit = { exitCode, signal };
      // A grandchild may have inherited stderr and keep it open; what the worker itself wrote is there by now.
      this.#socket?.resume();
      this.#closed();
    });
    this.#child.on('error', (error) => {
      this.#error = error;
      if (this.#child.pid === undefined) this.#finish({ exitCode: null, signal: null });
    });
    this.#socket?.write(writeFrame(boot));
  }

  get id(): number {
    return this.#child.pid ?? 0;
  }

  post(message: unknown[]): void {
    const frame = writeFrame(message);
    if (!this.#socket.destroyed) this.#socket.write(frame);
  }

  hold(on: boolean): void {
    const stderr = this.#child.stderr as unknown as Socket;
    if (on) {
      this.#child.ref();
      this.#socket?.ref();
      stderr?.ref();
    } else {
      this.#child.unref();
      this.#socket?.unref();
      stderr?.unref();
    }
  }

  kill(): void {
    this.hold(true);
    this.#child.kill('SIGKILL');
  }

  /** The exit and the end of the socket come in either order; only after both has everything been read. */
  #closed(): void {
    if (--this.#open === 0 && this.#exit) this.#finish(this.#exit);
  }

  #finish(exit: { exitCode: number | null; signal: string | null }): void {
    // One turn more, for the last of stderr.
    clock.soon(() => {
      (this.#child.stderr as Readable | null)?.destroy();
      this.#events.end({ ...exit, stderr: this.#stderr.toString(), error: this.#error });
    });
  }
}
