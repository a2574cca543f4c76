import { type Decision, pointText } from '../advisor/index.js';
import { type Failure, type Progress, toJsonLine } from '../batch/index.js';

/** How a run is told while it goes on. */
export interface ProgressView {
  /** The least time between two `progress`, in ms. */
  readonly every: number;
  start(label: string, progress: Progress): void;
  progress(progress: Progress): void;
  failure(failure: Failure): void;
  /** A sentence for the person. */
  note(text: string): void;
  /** What was decided about where to run, and why. */
  explain(decisions: readonly Decision[]): void;
  /** The last word; `how` is the state of the report. */
  end(progress: Progress, how: string, failedBefore: number): void;
}

/** So many failures are shown as they happen; all of them are in the results. */
const SHOWN = 5;

/** The view that suits: events for programs, a line that is redrawn for a terminal, a line now and then for a log. */
export function chooseView(kind: { json: boolean; quiet: boolean }, stderr: NodeJS.WriteStream): ProgressView {
  if (kind.json) return new EventsView(stderr);
  if (kind.quiet) return new QuietView(stderr);
  return new LineView(stderr);
}

class QuietView implements ProgressView {
  readonly every = Number.POSITIVE_INFINITY;
  protected readonly stderr: NodeJS.WriteStream;

  constructor(stderr: NodeJS.WriteStream) {
    this.stderr = stderr;
  }

  start(_label: string, _progress: Progress): void {}
  progress(_progress: Progress): void {}
  failure(_failure: Failure): void {}
  note(_text: string): void {}
  explain(decisions: readonly Decision[]): void {
    if (decisions.length === 0) this.stderr.write('Nothing was decided: it stayed where it began\n');
    for (const { at, to, reason } of decisions) this.stderr.write(`  after ${time(at)}: ${pointText(to)}: ${reason}\n`);
  }
  end(_progress: Progress, _how: string, _failedBefore: number): void {}
}

class EventsView extends QuietView {
  override readonly every = 1000;

  override start(label: string, progress: Progress): void {
    this.#event({ event: 'start', run: label, ...progress });
  }

  override progress(progress: Progress): void {
    this.#event({ event: 'progress', ...progress });
  }

  override failure({ index, input, reason }: Failure): void {
    this.#event({ event: 'failure', index, input, error: reason });
  }

  override note(text: string): void {
    this.#event({ event: 'note', text });
  }

  override explain(decisions: readonly Decision[]): void {
    for (const decision of decisions) this.#event({ event: 'decision', ...decision });
  }

  override end(progress: Progress, how: string, failedBefore: number): void {
    this.#event({ event: 'end', state: how, failedBefore, ...progress });
  }

  #event(event: object): void {
    this.stderr.write(`${toJsonLine(event)}\n`);
  }
}

class LineView extends QuietView {
  override readonly every: number;
  #drawn = false;
  #failures = 0;

  constructor(stderr: NodeJS.WriteStream) {
    super(stderr);
    this.every = stderr.isTTY ? 100 : 5000;
  }

  override start(label: string, progress: Progress): void {
    if (this.stderr.isTTY) this.#draw(progress);
    else this.stderr.write(`${label}${progress.total === undefined ? '' : `: ${count(progress.total)} to do`}\n`);
  }

  override progress(progress: Progress): void {
    if (this.stderr.isTTY) this.#draw(progress);
    else this.stderr.write(`${describe(progress)}\n`);
  }

  override failure({ index, input, reason }: Failure): void {
    this.#failures++;
    if (this.#failures > SHOWN + 1) return;
    const error = reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason);
    this.note(
      this.#failures > SHOWN
        ? 'further failures are only recorded'
        : `input ${index} (${clip(toJsonLine(input), 60)}) failed: ${clip(error, 300)}`,
    );
  }

  override note(text: string): void {
    this.#clear();
    this.stderr.write(`${text}\n`);
  }

  override end(progress: Progress, how: string, failedBefore: number): void {
    this.#clear();
    const { done, failed, skipped, elapsed } = progress;
    const failures = failed + failedBefore;
    const parts = [`${how === 'finished' ? 'Done' : 'Ended'}: ${count(done)} input${done === 1 ? '' : 's'} in ${time(elapsed)}`];
    if (skipped > 0) parts.push(`${count(skipped)} done before`);
    if (failures > 0) parts.push(`${count(failures)} failed`);
    this.stderr.write(`${parts.join(', ')}\n`);
  }

  #draw(progress: Progress): void {
    const line = describe(progress);
    const wide = this.stderr.columns || 80;
    this.stderr.write(`\r${line.slice(0, wide - 1)}\u001b[K`);
    this.#drawn = true;
  }

  #clear(): void {
    if (this.#drawn) this.stderr.write('\r\u001b[K');
    this.#drawn = false;
  }
}

/** `1,234/10,000 (12 %)  456/s  0:19 left  3 failed  120 MB`. */
export function describe({ done, skipped, total, rate, eta, failed, memory, point }: Progress): string {
  const at = done + skipped;
  const parts = [
    total === undefined ? count(at) : `${count(at)}/${count(total)} (${total === 0 ? 100 : Math.floor((100 * at) / total)} %)`,
  ];
  parts.push(`${rate < 10 ? rate.toFixed(1) : count(Math.round(rate))}/s`);
  if (eta !== undefined) parts.push(`${time(eta)} left`);
  if (failed > 0) parts.push(`${count(failed)} failed`);
  parts.push(`${Math.round(memory / 2 ** 20)} MB`);
  if (point !== undefined) parts.push(point);
  return parts.join('  ');
}

const count = (n: number): string => n.toLocaleString('en-GB');
const clip = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most)}…` : text);

function time(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  const s = Math.round(ms / 1000);
  const two = (n: number) => String(n).padStart(2, '0');
  const minutes = `${Math.floor(s / 60) % 60}`;
  return s < 3600 ? `${minutes}:${two(s % 60)} min` : `${Math.floor(s / 3600)}:${two(Number(minutes))} h`;
}
