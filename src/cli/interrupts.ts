import { ExitCode } from './exit-code.js';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** The first Ctrl-C asks, the second one ends the process there and then. SIGTERM counts as Ctrl-C. */
export class Interrupts {
  readonly #controller = new AbortController();
  readonly #handle: () => void;

  constructor(asked: () => void) {
    this.#handle = () => {
      if (this.#controller.signal.aborted) process.exit(ExitCode.interrupted);
      asked();
      this.#controller.abort();
    };
    for (const name of SIGNALS) process.on(name, this.#handle);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  close(): void {
    for (const name of SIGNALS) process.removeListener(name, this.#handle);
  }
}
