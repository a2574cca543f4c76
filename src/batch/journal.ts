import { closeSync, fsyncSync, openSync, readFileSync, renameSync, truncateSync, unlinkSync, writeSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { OutputError } from '../core/index.js';
import { DoneSet } from './done-set.js';
import { dropFailures, readResults, sizeOf } from './results-file.js';

/** What a journal says of its run. Paths are relative to the journal, so that a folder can be moved as a whole. */
interface Header {
  meantime: 1;
  function: string;
  inputs: string;
  errors: string | null;
  state: 'running' | 'finished';
  pid: number;
  /** When that process started, in the kernel's ticks, since a pid is used again. */
  born: string | null;
}

/** What a run says of itself when it asks for its outputs. */
export interface JournalRequest {
  out: string;
  errors: string | undefined;
  /** Names the function: its file and export. */
  function: { file: string; name: string };
  /** The kind of inputs. */
  inputs: string;
  resume: boolean;
  force: boolean;
  retryFailed: boolean;
}

/** What is there already. */
export interface Resumed {
  done: DoneSet;
  failed: number;
}

/**
 * A small file beside the results that says which run they belong to and whether that has finished. The result lines
 * themselves are the record of what is done: there is no second list that could disagree with them.
 */
export class Journal {
  readonly #file: string;
  readonly #header: Header;

  private constructor(file: string, header: Header) {
    this.#file = file;
    this.#header = header;
  }

  /**
   * Makes the outputs ready: empty for a new run, with whole lines only for a resumed one.
   *
   * @throws {OutputError} if they hold results and neither `resume` nor `force` is given, or belong to another run.
   */
  static async open(request: JournalRequest): Promise<{ journal: Journal | undefined; resumed: Resumed | undefined }> {
    const { out, errors, resume, force } = request;
    const outputs = errors === undefined ? [out] : [out, errors];
    if (sizeOf(out) === undefined) {
      if (resume) throw new OutputError(`Cannot resume into ${out}: it is not a regular file, so what was written is gone`);
      return { journal: undefined, resumed: undefined };
    }
    const file = `${out}.journal`;
    const former = read(file);
    if (former && alive(former)) {
      throw new OutputError(`${out} is being written by process ${former.pid}: wait for it, or end it, then use --resume`);
    }
    const header = headerOf(file, request);
    const journal = new Journal(file, header);
    const holding = outputs.find((name) => sizeOf(name));
    let resumed: Resumed | undefined;
    if (resume && (former || holding !== undefined)) {
      refuseOther(former, header, holding ?? out, request);
      resumed = await take(outputs, request.retryFailed);
    } else {
      if (holding !== undefined && !force) throw occupied(holding, former);
      // First the old results, then the new journal: killed in between, a resumed run must not take the former for its own.
      for (const name of outputs) if (sizeOf(name)) truncateSync(name, 0);
    }
    journal.#write();
    return { journal, resumed };
  }

  /** Every input has its line. The journal stays, so that resuming again finds nothing to do. */
  finish(): void {
    this.#header.state = 'finished';
    this.#write();
  }

  #write(): void {
    const beside = `${this.#file}.new`;
    try {
      const fd = openSync(beside, 'w');
      try {
        writeSync(fd, `${JSON.stringify(this.#header)}\n`);
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
      renameSync(beside, this.#file);
    } catch (error) {
      try {
        unlinkSync(beside);
      } catch {
        // It was never made: the error below says why.
      }
      throw new OutputError(`Cannot write ${this.#file}: ${(error as Error).message}`, { cause: error });
    }
  }
}

function headerOf(journal: string, request: JournalRequest): Header {
  const near = (path: string) => relative(dirname(resolve(journal)), resolve(path));
  const { file, name } = request.function;
  return {
    meantime: 1,
    function: `${near(file)}#${name}`,
    inputs: request.inputs,
    errors: request.errors === undefined ? null : near(request.errors),
    state: 'running',
    pid: process.pid,
    born: bornAt(process.pid),
  };
}

function read(file: string): Header | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new OutputError(`Cannot read ${file}: ${(error as Error).message}`, { cause: error });
  }
  try {
    const header = JSON.parse(text) as Header;
    if (header.meantime === 1) return header;
  } catch {
    // Told below: no part of a journal is worth more than the whole.
  }
  throw new OutputError(`${file} is not a journal that this version can read: delete it, or choose another output`);
}

function refuseOther(former: Header | undefined, header: Header, holding: string, request: JournalRequest): void {
  if (former === undefined) {
    throw new OutputError(`Cannot resume: ${holding} has results, but ${request.out}.journal, which says of which run, is missing`);
  }
  const differs = (['function', 'inputs', 'errors'] as const).find((key) => former[key] !== header[key]);
  if (differs === undefined) return;
  const was = former[differs] ?? 'none';
  const is = header[differs] ?? 'none';
  const what = { function: 'function', inputs: 'kind of inputs', errors: 'errors file' }[differs];
  throw new OutputError(
    `Cannot resume ${request.out}: its ${what} was ${was} and is now ${is}; give the same again, or start over with --force`,
  );
}

async function take(outputs: readonly string[], retryFailed: boolean): Promise<Resumed> {
  const done = new DoneSet();
  let failed = 0;
  for (const name of outputs) {
    if (retryFailed) await dropFailures(name);
    failed += await readResults(name, done);
  }
  return { done, failed };
}

function occupied(file: string, former: Header | undefined): OutputError {
  if (former?.state === 'running') {
    return new OutputError(`${file} has the results of a run that did not finish: --resume continues it, --force starts over`);
  }
  return new OutputError(`${file} exists and is not empty: --force overwrites it, or choose another name`);
}

/** The moment a process started, where the kernel tells. */
function bornAt(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name and may hold anything; the fields behind it are counted from its closing bracket.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? null : fields[19]; // a zombie writes no more
  } catch {
    return null; // not Linux, or no such process
  }
}

function alive(header: Header): boolean {
  return header.state === 'running' && header.pid !== process.pid && header.born !== null && bornAt(header.pid) === header.born;
}
