import type { ProcessEvent, ProcessLock, ProcessQueue, Remote } from 'meantime/processes';
import type { Ledger, Transfer } from './ledger.js';

/** What a clerk needs. All of it is somewhere else, and arrives as itself: there is one lock, one queue, one ledger, whoever has them. */
export interface Desk {
  readonly transfers: ProcessQueue<Transfer>;
  readonly lock: ProcessLock;
  readonly ledger: Remote<Ledger>;
}

/** What a clerk has to tell at the end of the day. */
export interface Report {
  readonly name: string;
  readonly transfers: number[];
  /** The half-done transfers of others that it has brought to an end. */
  readonly repaired: number[];
}

/** Takes transfers from the queue until that is closed, and makes each in two steps, which only the lock keeps together. */
export async function clerk(name: string, { transfers, lock, ledger }: Desk): Promise<Report> {
  const report: Report = { name, transfers: [], repaired: [] };
  for await (const transfer of transfers) {
    await lock.with(async (guard) => {
      if (guard.abandoned) {
        // Whoever had the lock is dead. What it guards may be half done: look, and finish that first.
        const half = await ledger.pending();
        if (half !== undefined) {
          await ledger.deposit();
          await transfers.taskDone(); // in the place of the dead one
          report.repaired.push(half.id);
        }
      }
      await ledger.withdraw(transfer);
      await ledger.deposit();
    });
    await transfers.taskDone();
    report.transfers.push(transfer.id);
  }
  return report;
}

/** One that does nothing wrong, but gets no further than the middle of its first transfer. */
export async function unlucky({ transfers, lock, ledger }: Desk, inTheMiddle: ProcessEvent): Promise<void> {
  const transfer = await transfers.get();
  await lock.with(async () => {
    await ledger.withdraw(transfer);
    await inTheMiddle.set();
    for (;;); // it computes, holding the lock; and then somebody kills it
  });
}
