import { SharedMemory } from 'meantime/processes';

/*
 * What the processes of memory.test.ts run.
 */

export function fillWith(block: SharedMemory, value: number): number {
  const bytes = new Uint8Array(block.size).fill(value);
  block.write(bytes);
  return block.read(0, 1)[0];
}

export async function openAndRead(name: string, n: number): Promise<number[]> {
  using block = SharedMemory.open(name);
  return [...block.read(0, n)];
}

export async function makeAndDie(name: string): Promise<never> {
  SharedMemory.create({ size: 100, name });
  process.kill(process.pid, 'SIGKILL');
  for (;;);
}

export function addAtomically(block: SharedMemory, times: number): void {
  const words = new Int32Array(block.buffer);
  for (let i = 0; i < times; i++) Atomics.add(words, 0, 1);
}
