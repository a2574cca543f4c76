import { freemem, totalmem } from 'node:os';

/** How many bytes this process may still take: what its container, or the machine, has left. */
export function freeMemory(): number {
  // Elsewhere what is free leaves out what the system would give up at once, which is most of it.
  if (process.platform !== 'linux' && process.platform !== 'win32') return totalmem() / 2;
  // From Node 20.13 on.
  return process.availableMemory?.() ?? freemem();
}
