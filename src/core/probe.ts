import diagnostics from 'node:diagnostics_channel';

/** The common shape of what the rooms publish. */
export interface ProbeEvent {
  /** What it is about: the room's word for it, such as `call` or `worker`. */
  what: string;
  id: number;
  parent?: number;
  worker?: number;
  /** `process.hrtime.bigint()`: it agrees between the processes of one machine. */
  at: bigint;
  [detail: string]: unknown;
}

/** A named channel that costs one check while nobody listens. */
export class Probe {
  readonly #channel: diagnostics.Channel;

  constructor(name: string) {
    this.#channel = diagnostics.channel(`meantime:${name}`);
  }

  get active(): boolean {
    return this.#channel.hasSubscribers;
  }

  /** Call only when `active`: building the event is what costs. */
  publish(event: Omit<ProbeEvent, 'at'>): void {
    this.#channel.publish({ ...event, at: process.hrtime.bigint() });
  }
}
