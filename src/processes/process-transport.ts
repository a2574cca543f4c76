import type { Link, LinkEvents, Transport } from '../pool/index.js';
import type { Boot } from '../wire/index.js';
import { type LinkOptions, ProcessLink } from './process-link.js';

/** What only processes have. */
export interface ProcessOptions {
  /** The workers' working directory. Default: this process's. */
  cwd?: string;
  /** Options for `node` itself. Default: those of this process, without its inspector's port. */
  execArgv?: readonly string[];
  /** How long a worker that is told to end may take before it is killed, in ms. Default 1,000. */
  killGrace?: number;
}

/** Workers that are processes: each its own interpreter, memory and file handles. They talk over an inherited socket pair. */
export class ProcessTransport implements Transport {
  readonly kind = 'process';
  readonly shares = false;
  readonly patience: number;
  readonly #options: LinkOptions;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.patience = options.killGrace ?? 1000;
  }

  open(boot: Boot, _claims: unknown, events: LinkEvents): Link {
    return new ProcessLink(this.#options, boot, events);
  }
}
