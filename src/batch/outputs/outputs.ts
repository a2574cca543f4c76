import { resolve } from 'node:path';
import { OptionError, OutputError } from '../../core/index.js';
import { fileId, sameAs } from '../file-id.js';
import { DoneSet } from './done-set.js';
import { holderOf } from './holder.js';
import { type Former, type Header, Journal, type RunName, readJournal } from './journal.js';
import { journalOf } from './names.js';
import { movesOn, Output } from './output.js';
import { copyResults, readResults } from './results-file.js';
import { removeLeftOvers } from './temporary.js';

/** The outputs that a run asks for, and how. */
export interface OutputsRequest extends RunName {
  /** Results go here, an absolute path, as `errors` is; without it to standard output. */
  out: string | undefined;
  /** As they were given, for people. */
  names: { readonly out?: string | undefined; readonly errors?: string | undefined };
  resume: boolean;
  force: boolean;
  retryFailed: boolean;
  /** Ends the opening, however far it is. */
  ended?: AbortSignal | undefined;
}

/** The part of a run that is done already. */
export interface Resumed {
  done: DoneSet;
  failed: number;
}

/** Takes sentences for people about things that are found while outputs are opened. */
type Tell = (note: string) => void;

/** How often another run may replace a file between our opening and our owning it. */
const TRIES = 10;

/** The outputs of one run, owned until `close` (rules 1 and 2). */
export class Outputs {
  readonly out: Output;
  readonly errors: Output | undefined;
  /** None where results go to something that cannot be read again. */
  readonly journal: Journal | undefined;
  /** `undefined` for a new run. */
  readonly resumed: Resumed | undefined;

  private constructor(files: Files, journal: Journal | undefined, resumed: Resumed | undefined) {
    this.out = files.out;
    this.errors = files.errors;
    this.journal = journal;
    this.resumed = resumed;
  }

  /**
   * Makes the outputs ready: empty for a new run, with whole lines only for a resumed one.
   *
   * @throws {OutputError} if another run has one of them, if they hold results and neither `resume`
   * nor `force` is given, or belong to another run. Nothing has changed then.
   */
  static async open(request: OutputsRequest, tell: Tell): Promise<Outputs> {
    const files = await own(request);
    try {
      if (request.resume && files.out.id === undefined) {
        throw new OutputError(`Cannot resume into ${files.out.name}: it is not a regular file, so what was written is gone`);
      }
      const journal = files.out.id === undefined ? undefined : new Journal(journalOf(files.out.path as string), request);
      const resumed = await prepare(files, journal, request, tell);
      return new Outputs(files, journal, resumed);
    } catch (error) {
      for (const file of listOf(files)) file.discard();
      throw error;
    }
  }

  /** All of them that are there. */
  get files(): readonly Output[] {
    return listOf(this);
  }

  /** The error for one that is not where it was when it was opened, if there is one. */
  get gone(): OutputError | undefined {
    const removed = this.files.find((file) => file.removed);
    if (removed) return new OutputError(`${removed.name} was removed while it was written: its lines are lost`);
    const moved = this.files.find((file) => file.moved);
    if (moved === undefined) return undefined;
    return new OutputError(
      `${moved.name} was renamed or replaced while it was written: its lines are in the file that had that name before`,
    );
  }

  /** Gives them back: another run may have them. */
  close(): void {
    for (const file of this.files) file.close();
  }
}

interface Files {
  readonly out: Output;
  readonly errors: Output | undefined;
}

/** The journal's name for people: as short as the one that they have given. */
const journalName = ({ name, path }: Output): string => `${path === resolve(name) ? name : path}.journal`;

const listOf = ({ out, errors }: Files): readonly Output[] => (errors === undefined ? [out] : [out, errors]);

/** Opens the outputs and makes them this run's own, all or none. */
async function own(request: OutputsRequest): Promise<Files> {
  for (let attempt = 1; ; attempt++) {
    const out = request.out === undefined ? Output.standard() : await Output.open(request.out, request.names.out, request.ended);
    const files: { out: Output; errors: Output | undefined } = { out, errors: undefined };
    try {
      if (request.errors !== undefined) files.errors = await Output.open(request.errors, request.names.errors, request.ended);
      refuseSame(files, request);
      // In one order for all runs: of two that want the same two files, one gets both. None waits,
      // so none waits for ever.
      const inOrder = [...listOf(files)].sort((a, b) => (String(a.id) < String(b.id) ? -1 : 1));
      for (const file of inOrder) {
        if (!(await file.own())) throw busy(file);
        request.ended?.throwIfAborted();
      }
      if (!inOrder.some((file) => file.moved)) return files;
      if (attempt === TRIES) throw movesOn(out.name);
    } catch (error) {
      await giveUp(files);
      throw error;
    }
    for (const file of listOf(files)) file.close();
  }
}

/**
 * A file that was made here is removed again, and only its owner may do so: another run may be the
 * one by now.
 */
async function giveUp(files: Files): Promise<void> {
  for (const file of listOf(files)) {
    if (file.created) await file.own();
    file.discard();
  }
}

/**
 * No two of the files that a run writes may be one, by whatever names, nor the module of its
 * function (rule 8).
 */
function refuseSame({ out, errors }: Files, request: OutputsRequest): void {
  const journal = out.path === undefined ? undefined : journalOf(out.path);
  const isOut = fileId(out.fd);
  if (errors !== undefined && isOut !== undefined && fileId(errors.fd) === isOut) {
    throw new OptionError(`${out.name} and ${errors.name} are the same file, and results and failures need two files`);
  }
  if (errors !== undefined && journal !== undefined && sameAs(errors.fd, [journal])) {
    throw new OptionError(`${errors.name} is the journal of ${out.name}: write failures to another file`);
  }
  for (const file of listOf({ out, errors })) {
    if (file.id === undefined) continue;
    if (sameAs(file.fd, [request.function.file])) {
      throw new OptionError(`${file.name} is the module of the function: write to another file`);
    }
    if (sameAs(file.fd, [2])) throw new OptionError(`Standard error goes to ${file.name}: write to another file`);
  }
}

function busy(file: Output): OutputError {
  return new OutputError(`${file.name} is being written by ${writer(file)}: wait for it, or end it, then use --resume`);
}

/** The process that has a file, for people. */
function writer(file: Output): string {
  const holder = holderOf(file.id as string);
  if (holder !== undefined) {
    return `process ${holder.pid}${holder.pid === process.pid ? ' (this one)' : ''} on ${holder.host}, which started at ${holder.since}`;
  }
  // The system does not say it: the process is another user's. A journal says what its writer
  // liked.
  const { header } = readJournal(journalOf(file.path as string));
  if (header?.state !== 'running' || header.host === undefined) return 'another process';
  return `another process (${journalName(file)} names process ${header.pid} on ${header.host}, which started at ${header.started})`;
}

/**
 * Decides what becomes of what the outputs hold, and brings them there. Everything that refuses
 * comes before the first change.
 */
async function prepare(files: Files, journal: Journal | undefined, request: OutputsRequest, tell: Tell): Promise<Resumed | undefined> {
  const { resume, force } = request;
  const holding = listOf(files).find((file) => file.size > 0);
  const former: Former = journal === undefined ? { header: undefined, why: 'is missing', blank: true } : readJournal(journal.file);
  // Also an empty file may be a killed run's, and then something may lie beside it. To look is dear
  // where a folder has many files, so a run that makes its own does not.
  const isFirst = listOf(files).every((file) => file.created) && former.header === undefined && former.blank;
  let resumed: Resumed | undefined;
  if (resume && (former.header !== undefined || holding !== undefined)) {
    if (former.header !== undefined) refuseOther(former.header, (journal as Journal).header, files.out.name);
    else if (!force) throw noJournal(files.out, former);
    resumed = await take(files, former, request, tell);
  } else {
    if (holding !== undefined && !force) throw occupied(holding, former);
    if (former.header === undefined && !former.blank && !force) {
      throw new OutputError(`${journalName(files.out)} ${former.why}: --force overwrites it, or choose another output`);
    }
    // First the old results go, for good, then comes the new journal (rule 5).
    for (const file of listOf(files)) if (file.size > 0) file.truncate(0);
  }
  const aside = journal?.makeRoom();
  if (aside !== undefined) tell(`${journalName(files.out)} is a directory: it is now ${aside}`);
  for (const file of listOf(files)) {
    file.settle();
    if (!isFirst && file.path !== undefined) removeLeftOvers(file.path);
  }
  if (!isFirst && journal !== undefined) removeLeftOvers(journal.file);
  journal?.write();
  return resumed;
}

function refuseOther(former: Header, header: Header, out: string): void {
  const differs = (['function', 'inputs', 'errors'] as const).find((key) => former[key] !== header[key]);
  if (differs === undefined) return;
  const was = former[differs] ?? 'none';
  const is = header[differs] ?? 'none';
  const what = { function: 'function', inputs: 'kind of inputs', errors: 'errors file' }[differs];
  throw new OutputError(`Cannot resume ${out}: its ${what} was ${was} and is now ${is}; give the same again, or start over with --force`);
}

function noJournal(out: Output, former: Former & { header: undefined }): OutputError {
  return new OutputError(
    `Cannot resume ${out.name}: ${journalName(out)}, which says of which run the results are, ${former.why}; --resume --force goes on from the result lines alone, --force starts over`,
  );
}

function occupied(file: Output, former: Former): OutputError {
  if (former.header?.state === 'running') {
    return new OutputError(`${file.name} has the results of a run that did not finish: --resume continues it, --force starts over`);
  }
  return new OutputError(`${file.name} exists and is not empty: --force overwrites it, or choose another name`);
}

/** Takes over what a former run has written. */
async function take(files: Files, former: Former, request: OutputsRequest, tell: Tell): Promise<Resumed> {
  const { force, retryFailed, ended } = request;
  const outputs = listOf(files).filter((file) => file.id !== undefined);
  const isOurs = former.header !== undefined;
  const done = new DoneSet();
  const all = [];
  let failed = 0;
  for (const file of outputs) all.push({ file, found: await readResults(file, done, { kept: !retryFailed, isOurs, ended }) });
  for (const { file, found } of all) {
    if (found.damaged === undefined) continue;
    if (found.results === 0)
      throw new OutputError(`Cannot resume: ${file.name} has no result line, so it is kept as it is; --force overwrites it`);
    if (!force) {
      throw new OutputError(
        `Cannot resume: ${file.name}:${found.damaged} is not a result line; mend it, or --resume --force takes out such lines`,
      );
    }
  }
  for (const { file, found } of all) {
    const { damaged, torn, end } = found;
    if (damaged !== undefined) tell(`${file.name}: lines that are no results are taken out, the first of them is line ${damaged}`);
    else if (torn > 0) tell(`${file.name}: half a line at its end, or zeros, ${torn} bytes, is cut off; what is missing runs again`);
    if (damaged !== undefined || (retryFailed && found.failed > 0)) {
      await file.rewrite((fd) => copyResults(file, fd, !retryFailed));
    } else if (torn > 0) file.truncate(end);
    failed += retryFailed ? 0 : found.failed;
  }
  if (former.header === undefined) {
    tell(
      `${journalName(files.out)} ${former.why}: going on from the ${done.size} result lines alone. The inputs are compared with them; whether the function, the kind of inputs and the file for failures are the same cannot be checked`,
    );
  }
  return { done, failed };
}
