/** Something is wrong at the end of a schedule. The message has the trace, and the schedule to replay it with. */
export class Violation extends Error {
  override readonly name = 'Violation';
  /** What `replay` takes. */
  readonly schedule: string;
  /** What happened, a line an event. */
  readonly trace: readonly string[];

  constructor(what: string, schedule: string, trace: readonly string[], options?: ErrorOptions) {
    super(`${what}\n${trace.join('\n')}\nreplay(scenario, '${schedule}')`, options);
    this.schedule = schedule;
    this.trace = trace;
  }
}
