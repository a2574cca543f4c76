import { clock, type Timer } from '../../core/index.js';

/** How often memory is looked at, in ms. */
const EVERY = 20;

/** What this process uses while something runs, all its threads together. */
export class Gauge {
  readonly #cpu = process.cpuUsage();
  readonly #before = process.resourceUsage().maxRSS;
  #peak = process.memoryUsage.rss();
  #timer: Timer | undefined;

  constructor() {
    const look = () => {
      this.#look();
      this.#timer = clock.after(EVERY, look, true);
    };
    this.#timer = clock.after(EVERY, look, true);
  }

  /** Processor time so far, in ms. */
  cpuMs(): number {
    const { user, system } = process.cpuUsage(this.#cpu);
    return (user + system) / 1000;
  }

  /** The most resident memory so far, in bytes. */
  memory(): number {
    this.#look();
    // The system's own mark never falls, but says what a thread that held this one has hidden from the timer.
    const mark = process.resourceUsage().maxRSS;
    return mark > this.#before ? Math.max(this.#peak, mark * 1024) : this.#peak;
  }

  close(): void {
    this.#timer?.cancel();
  }

  #look(): void {
    this.#peak = Math.max(this.#peak, process.memoryUsage.rss());
  }
}
