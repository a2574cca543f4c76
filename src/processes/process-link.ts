import type { ChildProcess, SpawnOptions } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { bare, clock, variablesOf, WireError } from '../core/index.js';
import { inheritedExecArgv, type Link, type LinkEvents, Tail, workerEnv } from '../pool/index.js';
import { type Boot, CODED, decode, encode, FrameReader, missingKinds, needsCode, ToPool, writeFrame } from '../wire/index.js';
import { armed, hasDeathSignal } from './death-signal.js';
import { openSides, type Sides } from './memory/sides.js';
import type { ProcessOptions } from './process-transport.js';

const entry = fileURLToPath(new URL('../processes/process.entry.js', import.meta.url));

/** How long after a worker's exit its pipe may stay open, in ms: a process that it started may have inherited its end. */
const LINGER = 1000;

/** What becomes of what a process writes: it is this process's, it can be read here, or it is thrown away. */
export type Stdio = 'inherit' | 'pipe' | 'ignore';

/** How a process is started. */
export interface LinkOptions extends ProcessOptions {
  memoryLimit?: number;
  env?: Record<string, string | undefined>;
  stdout?: Stdio | 'stdout' | 'stderr';
  stderr?: Stdio;
  /** It will be told to end after its first answer. */
  once?: boolean;
  /**
   * Who ends it when its parent is gone, before the first answer: the kernel where that can be told to, or a thread. `kernel alone`: the thread, whose start takes some 80 ms of a
   * processor, does not take over from the kernel.
   */
  watch?: 'kernel' | 'kernel alone' | 'thread';
}

/**
 * Two descriptors, one for each direction: a failed write closes its socket and throws away what that has not read, and what a dying worker
 * had answered must be read to the end.
 */
export class ProcessLink implements Link {
  readonly usage = undefined;
  readonly carrier = 'bytes';
  /** What the process writes, where it was asked to be piped. */
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
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
  /** No message came, but something else: nothing that follows it is read. */
  #isBroken = false;
  #over = false;

  constructor(
    { memoryLimit, env, stdout = 'inherit', stderr = 'inherit', cwd, execArgv, watch = 'kernel', once = false }: LinkOptions,
    boot: Boot,
    events: LinkEvents,
  ) {
    this.#events = events;
    const isArmed = watch !== 'thread' && hasDeathSignal();
    const sides = openSides();
    this.#sides = sides;
    const flags = [...(execArgv ?? inheritedExecArgv())];
    if (memoryLimit !== undefined && memoryLimit !== Number.POSITIVE_INFINITY)
      flags.push(`--max-old-space-size=${Math.max(1, Math.round(memoryLimit / 2 ** 20))}`);
    const { spawn } = process.getBuiltinModule('node:child_process');
    // Node reads inherited options and inherited variables, too: with a polluted `Object.prototype` they could name a file to load.
    const options: SpawnOptions = bare({
      cwd,
      env: variablesOf(workerEnv(env) ?? process.env),
      stdio: [
        'ignore',
        stdout === 'stderr' ? 2 : stdout === 'stdout' ? 'inherit' : stdout,
        'pipe',
        'pipe',
        'pipe',
        ...(sides?.inherited ?? []),
      ],
      windowsHide: true,
      // In a group of its own no signal reaches it that is meant for the run. Those of pools stay
      // in the group, to be stopped and continued with it, and take none.
      detached: once && process.platform !== 'win32',
    });
    const words = [...flags, entry];
    const [command, args] = isArmed ? armed(process.execPath, words) : [process.execPath, words];
    let frame: Buffer;
    try {
      frame = writeFrame(
        bare({
          ...boot,
          parent: process.pid,
          armed: isArmed,
          alone: watch === 'kernel alone',
          once,
          awaited: [...(stdout === 'pipe' ? [] : ['stdout']), ...(stderr === 'pipe' ? [] : ['stderr'])],
          beside: sides !== undefined,
        }),
      );
      this.#child = spawn(command, args, options);
    } catch (error) {
      sides?.close();
      throw error;
    }
    this.#child.on('error', (error) => {
      // Node names the program, whichever of the two is not there.
      const isLost = (error as NodeJS.ErrnoException).code === 'ENOENT' && cwd !== undefined && !isThere(cwd);
      this.#error = isLost ? new Error(`ENOENT: the working directory ${cwd} is not there`, { cause: error }) : error;
      if (this.#child.pid === undefined) this.#finish({ exitCode: null, signal: null });
    });
    this.#child.on('exit', (exitCode, signal) => {
      this.#exit = { exitCode, signal };
      if (this.#read) this.#finish(this.#exit);
      else this.#linger(this.#in?.bytesRead ?? 0);
    });
    // Through streams of our own: Node throws away what nobody has read of a child's when that exits.
    this.stdout = passedOn(this.#child.stdout);
    this.stderr = stderr === 'pipe' ? passedOn(this.#child.stderr) : null;
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr.push(chunk);
      if (stderr === 'inherit') process.stderr.write(chunk);
    });
    this.#in = (this.#child.stdio?.[3] ?? undefined) as Socket | undefined; // where no process could be made, there are none
    this.#out = (this.#child.stdio?.[4] ?? undefined) as Socket | undefined;
    this.#listen();
    this.#out?.write(frame);
  }

  get id(): number {
    return this.#child.pid ?? 0;
  }

  /** Sends a signal. @returns Whether there was a process to send it to. */
  signal(signal: NodeJS.Signals | number): boolean {
    return this.#child.kill(signal);
  }

  post(message: unknown[]): void {
    const frame = writeFrame(message, this.#sides?.writer);
    if (this.#out && !this.#out.destroyed) this.#out.write(frame);
  }

  carries(value: unknown): boolean {
    try {
      writeFrame(needsCode(value) ? encode(value, this.carrier, []) : value);
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

  #receive(message: unknown): void {
    if (this.#isBroken) return;
    if (Array.isArray(message) && message[0] === CODED && Array.isArray(message[1]) && message[1][0] === ToPool.FATAL) this.#fatal(message);
    else this.#events.message(message);
  }

  /** It ends because of this. */
  #fatal(message: unknown[]): void {
    try {
      const coded = message.slice(1);
      if (missingKinds(coded) === undefined) this.#error ??= (decode(coded) as unknown[])[1];
    } catch (error) {
      this.#error ??= error; // it says of what it could not be made
    }
  }

  /**
   * The worker has exited, and its pipe is still open. All that it has said is there to be read; as
   * long as this process is busy, or there is still more, that is not over.
   */
  #linger(read: number): void {
    clock.after(
      LINGER,
      () =>
        clock.soon(() => {
          const now = this.#in?.bytesRead ?? 0;
          if (now > read) this.#linger(now);
          else this.#finish(this.#exit as { exitCode: number | null; signal: string | null });
        }),
      true,
    );
  }

  #listen(): void {
    const reader = new FrameReader((message) => this.#receive(message), bare({ side: this.#sides?.reader }));
    this.#in?.on('data', (chunk: Buffer) => {
      if (this.#isBroken) return;
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
      else this.#cutOff();
    });
    // A worker that is gone cannot be written to: its exit tells that.
    this.#out?.on('error', (error) => {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EPIPE' && code !== 'ECONNRESET') this.#broken(error);
    });
    this.#out?.on('close', () => this.#exit ?? this.#cutOff());
  }

  /**
   * A worker that nobody can hear, or that hears nobody, is of no use; one that exits just now is
   * not harmed.
   */
  #cutOff(): void {
    if (this.#over) return;
    const look = () => this.#exit ?? this.#broken(new WireError('The worker has closed the descriptors that it was given'));
    clock.after(LINGER, look, true);
  }

  #broken(error: unknown): void {
    this.#isBroken = true;
    this.#error ??= error;
    this.kill();
  }

  #finish(exit: { exitCode: number | null; signal: string | null }): void {
    if (this.#over) return;
    this.#over = true;
    // One turn more, for the last of stderr.
    clock.soon(() => {
      if (this.stderr === null) this.#child.stderr?.destroy(); // else it ends when it has been read
      this.#in?.destroy();
      this.#out?.destroy();
      this.#sides?.close();
      this.#events.end({ ...exit, stderr: this.#stderr.toString(), error: this.#error });
    });
  }
}

const isThere = (path: string): boolean => process.getBuiltinModule('node:fs').existsSync(path);

function passedOn(stream: Readable | null | undefined): Readable | null {
  if (!stream) return null; // where no process could be made, there is none
  const { PassThrough } = process.getBuiltinModule('node:stream');
  return stream.pipe(new PassThrough());
}
