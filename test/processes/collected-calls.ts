// What the tests of garbage collection run in other processes.
import type { ProcessEvent, ProcessLock, Remote } from 'meantime/processes';
import type { Witness } from './manager-classes.js';

export async function useAndForget(witness: Remote<Witness>): Promise<string> {
  return witness.name();
}

export async function lockAndForget(lock: ProcessLock): Promise<void> {
  await lock.acquire();
}

/** Collects. The last future that was awaited is remembered until the next one is: so there is a next one. */
export async function collect(event: ProcessEvent): Promise<void> {
  await event.isSet();
  (globalThis as unknown as { gc(): void }).gc();
}
