import { Condition, Lock, RwLock, Semaphore } from 'meantime/tasks';
import { checkLock } from 'meantime/testing';

checkLock(() => new Lock());
checkLock(() => new Semaphore(1), { name: 'Semaphore(1)' });
checkLock(() => new Semaphore(3), { name: 'Semaphore(3)', permits: 3 });
checkLock(() => new Condition());
checkLock(
  () => {
    const lock = new RwLock();
    return { acquire: () => lock.write(), tryAcquire: () => lock.tryWrite(), with: (fn) => lock.withWrite(fn) };
  },
  { name: 'RwLock, to write' },
);
