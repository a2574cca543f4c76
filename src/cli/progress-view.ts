import { type Decision, pointText } from '../advisor/index.js';
import { type Failure, type Progress, toJsonLine } from '../batch/index.js';
import { shown } from '../core/index.js';
import { type Screen, screenOf } from './screen.js';

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
  const screen = screenOf(stderr);
  if (kind.json) return new EventsView(screen);
  if (kind.quiet) return new QuietView(screen);
  return new LineView(screen);
}

class QuietView implements ProgressView {
  readonly every = Number.POSITIVE_INFINITY;
  protected readonly screen: Screen;

  constructor(screen: Screen) {
    this.screen = screen;
  }

  start(_label: string, _progress: Progress): void {}
  progress(_progress: Progress): void {}
  failure(_failure: Failure): void {}
  note(_text: string): void {}
  explain(decisions: readonly Decision[]): void {
    if (decisions.length === 0) this.screen.say('Nothing was decided: it stayed where it began');
    for (const { at, to, reason } of decisions) this.screen.say(`  after ${time(at)}: ${pointText(to)}: ${reason}`);
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
    this.screen.write(`${toJsonLine(event)}\n`);
  }
}

class LineView extends QuietView {
  override readonly every: number;
  #failures = 0;

  constructor(screen: Screen) {
    super(screen);
    this.every = screen.isTTY ? 100 : 5000;
  }

  override start(label: string, progress: Progress): void {
    if (this.screen.isTTY) this.#draw(progress);
    else this.screen.say(`${label}${progress.total === undefined ? '' : `: ${count(progress.total)} to do`}`);
  }

  override progress(progress: Progress): void {
    if (this.screen.isTTY) this.#draw(progress);
    else this.screen.say(`${describe(progress)}`);
  }

  override failure({ index, input, reason }: Failure): void {
    this.#failures++;
    if (this.#failures > SHOWN + 1) return;
    const error = reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason);
    this.note(
      this.#failures > SHOWN
        ? 'further failures are only recorded'
        : `input ${index} (${clip(toJsonLine(input), 60)}) failed: ${clip(shown(error), 300)}`,
    );
  }

  override note(text: string): void {
    this.#clear();
    this.screen.say(`${text}`);
  }

  override end(progress: Progress, how: string, failedBefore: number): void {
    this.#clear();
    const { done, failed, skipped, elapsed } = progress;
    const failures = failed + failedBefore;
    const parts = [`${how === 'finished' ? 'Done' : 'Ended'}: ${count(done)} input${done === 1 ? '' : 's'} in ${time(elapsed)}`];
    if (skipped > 0) parts.push(`${count(skipped)} done before`);
    if (failures > 0) parts.push(`${count(failures)} failed`);
    this.screen.say(`${parts.join(', ')}`);
  }

  #draw(progress: Progress): void {
    this.screen.draw(describe(progress));
  }

  #clear(): void {
    this.screen.clear();
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
