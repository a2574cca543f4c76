import type { SharedEvent, SharedLock, SharedReentrantLock, SharedRwLock, SharedSemaphore } from 'meantime/threads';

/** What the threads of the stress share. */
export interface Ground {
  lock: SharedLock;
  again: SharedReentrantLock;
  rw: SharedRwLock;
  permits: SharedSemaphore;
  event: SharedEvent;
  marks: SharedArrayBuffer;
}

/** Places in `marks`. */
export const Mark = { inLock: 0, inAgain: 1, left: 2, right: 3, faults: 4, rounds: 5, abandoned: 6 } as const;

/** Small and quick, and the same sequence for the same seed (mulberry32). */
function lots(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Does what its lots say for so many rounds; may be ended anywhere. */
export async function churn({ lock, again, rw, permits, event, marks: memory }: Ground, seed: number, rounds: number): Promise<void> {
  const marks = new Int32Array(memory);
  const lot = lots(seed);
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  const pause = () => {
    if (lot() < 0.1) Atomics.wait(sleeper, 0, 0, lot() * 5);
    else for (let spin = lot() * 200; spin > 0; spin--) Atomics.load(marks, Mark.rounds);
  };
  const inside = (mark: number, abandoned: unknown) => {
    if (abandoned) {
      Atomics.add(marks, Mark.abandoned, 1);
      Atomics.store(marks, mark, 0);
    }
    if (Atomics.add(marks, mark, 1) !== 0) Atomics.add(marks, Mark.faults, 1);
    pause();
    Atomics.store(marks, mark, 0);
  };
  /** Whichever way: a time limit that runs out is one of the moves. */
  const limited = async (way: () => unknown) => {
    try {
      await way();
    } catch (error) {
      if ((error as { name: string }).name !== 'TimeoutError' && (error as { name: string }).name !== 'AbortError') throw error;
    }
  };
  const timeout = () => (lot() < 0.1 ? lot() * 2 : undefined);
  for (let round = 0; round < rounds; round++) {
    const what = Math.floor(lot() * 8);
    if (what === 0) await limited(() => lock.withSync((guard) => inside(Mark.inLock, guard.abandoned), { timeout: timeout() }));
    else if (what === 1) await limited(() => lock.with((guard) => inside(Mark.inLock, guard.abandoned), { timeout: timeout() }));
    else if (what === 2) {
      const guard = lock.tryAcquire();
      if (guard) inside(Mark.inLock, guard.abandoned);
      guard?.release();
    } else if (what === 3)
      await limited(() =>
        again.withSync(
          (guard) => {
            inside(Mark.inAgain, guard.abandoned);
            again.withSync(() => pause());
          },
          { timeout: timeout() },
        ),
      );
    else if (what === 4)
      await limited(() =>
        rw.withWriteSync(
          (guard) => {
            if (guard.abandoned) Atomics.store(marks, Mark.right, Atomics.load(marks, Mark.left));
            Atomics.add(marks, Mark.left, 1);
            pause();
            Atomics.add(marks, Mark.right, 1);
          },
          { timeout: timeout() },
        ),
      );
    else if (what === 5)
      await limited(() =>
        rw.withRead(
          (guard) => {
            if (guard.abandoned) return; // half done, and nobody has mended it
            const equal = Atomics.load(marks, Mark.left) === Atomics.load(marks, Mark.right);
            if (!equal && !guard.abandoned) Atomics.add(marks, Mark.faults, 0x10000);
          },
          { timeout: timeout() },
        ),
      );
    else if (what === 6)
      await limited(() => permits.acquire(1 + Math.floor(lot() * 2), { timeout: timeout() ?? 50 }).then((guard) => guard.release()));
    else if (lot() < 0.5) event.set();
    else {
      event.clear();
      await limited(() => event.wait({ timeout: lot(), signal: lot() < 0.5 ? AbortSignal.timeout(1) : undefined }));
    }
    Atomics.add(marks, Mark.rounds, 1);
  }
}
