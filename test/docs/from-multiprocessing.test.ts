// Holds docs/from-multiprocessing.md to what it says: it has every name of multiprocessing, and what it names instead exists.
import * as diagnosticsChannel from 'node:diagnostics_channel';
import * as os from 'node:os';
import * as everyday from 'meantime';
import * as futures from 'meantime/futures';
import * as processes from 'meantime/processes';
import * as threads from 'meantime/threads';
import { holdPage } from './hold-page.js';
import { names, question } from './multiprocessing-names.js';

holdPage({
  path: 'docs/from-multiprocessing.md',
  names,
  question,
  // What threads have, too, is told of them on this page.
  doors: { ...threads, ...everyday, ...futures, ...processes, threads, os, diagnostics_channel: diagnosticsChannel, process },
  types: [],
  async things() {
    const child = processes.Process.start(() => 'done');
    await child.join();
    const pool = new processes.ProcessPoolExecutor({ workers: 1 });
    const future = pool.submit(() => 'done');
    await future;
    await pool.shutdown();
    const lock = new processes.ProcessLock();
    const condition = new processes.ProcessCondition();
    const conditionGuard = await condition.acquire();
    const [connection, other] = processes.pipe();
    const listener = await processes.Listener.open({ key: 'a key that is long enough' });
    const block = processes.SharedMemory.create({ size: 8 });
    const things = {
      child,
      pool,
      future,
      lock,
      condition,
      conditionGuard,
      connection,
      listener,
      block,
      guard: await lock.tryAcquire(),
      semaphore: new processes.ProcessSemaphore(1),
      event: new processes.ProcessEvent(),
      barrier: new processes.ProcessBarrier(2),
      queue: new processes.ProcessQueue(1),
      manager: new processes.Manager(),
    };
    await connection.close();
    await other.close();
    await listener.close();
    block.close();
    return things;
  },
});
