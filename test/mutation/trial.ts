// The process in which mutants are tried: it is told a change and test files, and answers with the first failure. It is ended from outside when it loops or hangs.
import { resolve } from 'node:path';
import { type Changed, changedModule, keepTexts, Modules } from './modules.js';
import { Tests } from './tests.js';

/** How long nothing at all may be under way before that counts as a hang, in ms. */
const IDLE = 150;
const LONGEST = 8000;

export interface Question {
  changed: Changed;
  files: string[];
  /** Whether to say which blocks were run, per file. */
  hits: boolean;
}
/** An answer, or (an empty one) a sign of life. */
export interface Answer {
  failed?: { file: string; why: string; isSure: boolean } | null;
  hits?: Record<string, number[]>;
}

const turn = (): Promise<void> => new Promise((done) => setImmediate(done));
const say = (answer: Answer): void => void process.send?.(answer);

let uncaught: ((error: unknown) => void) | undefined;
process.on('uncaughtException', (error) => uncaught?.(error));
process.on('unhandledRejection', (error) => uncaught?.(error));
// Warnings of late failures and of listeners are many here, and nobody's.
process.removeAllListeners('warning');

interface Failure {
  why: string;
  isSure: boolean;
}

/** Looks whether the test that runs now still can end: once nothing is under way any more but the channel to the parent, what it waits for will never come. */
class Watch {
  readonly hangs: Promise<Failure>;
  #idle = 0;
  #since = performance.now();
  readonly #timer: NodeJS.Timeout;

  constructor() {
    let done: (failure: Failure) => void;
    this.hangs = new Promise((resolve) => {
      done = resolve;
    });
    this.#timer = setInterval(() => {
      // The one that is left is this timer.
      this.#idle = process.getActiveResourcesInfo().filter((name) => !/Pipe|Channel|TTY/.test(name)).length <= 1 ? this.#idle + 50 : 0;
      if (this.#idle > IDLE) done({ why: 'it hangs', isSure: true });
      else if (performance.now() - this.#since > LONGEST) done({ why: 'it takes too long', isSure: false });
    }, 50);
  }

  begin(): void {
    this.#idle = 0;
    this.#since = performance.now();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

async function tried(path: string, changed: ReturnType<typeof changedModule>): Promise<Failure | undefined> {
  const tests = new Tests();
  const modules = new Modules({ 'node:test': tests.api, test: tests.api }, changed);
  const out = new Promise<Failure>((done) => {
    uncaught = (error) => done({ why: `uncaught: ${String(error).split('\n')[0].slice(0, 200)}`, isSure: false });
  });
  const watch = new Watch();
  try {
    modules.load(resolve(path));
    const failed = tests.run(() => {
      watch.begin();
      say({});
    });
    const result = await Promise.race([failed.then((why) => (why === undefined ? undefined : { why, isSure: true })), out, watch.hangs]);
    await turn();
    return result;
  } catch (error) {
    return { why: `load: ${String(error).split('\n')[0].slice(0, 200)}`, isSure: true };
  } finally {
    watch.stop();
    uncaught = undefined;
    modules.drop();
  }
}

process.on('message', async ({ changed, files, hits }: Question) => {
  const mutated = changedModule(changed);
  const all: Record<string, number[]> = {};
  for (const file of files) {
    const counted = new Set<number>();
    (globalThis as { __hit?: (block: number) => void }).__hit = (block) => counted.add(block);
    const failed = await tried(file, mutated);
    if (failed !== undefined) {
      say({ failed: { file, ...failed } });
      return;
    }
    all[file] = [...counted];
  }
  if (hits) keepTexts();
  say(hits ? { failed: null, hits: all } : { failed: null });
});
say({});
