// Processes that share a lock, a queue and an object, and one of them is killed with -9 while it holds the lock.
//
// Shows: `Process.start`; `ProcessQueue`, `ProcessLock` and `ProcessEvent`, passed as arguments; a `Manager` that hosts an ordinary class. With Python's multiprocessing a lock whose holder is
// killed is never free again, and everybody waits for ever. Here the next one gets it, and is told (`guard.abandoned`) that what it guards may be half done.
// clerk.ts is what runs in the processes, ledger.ts the class.
//
// Run it:  npm run build && node --import tsx examples/processes/main.ts

import assert from 'node:assert/strict';
import { Manager, Process, ProcessEvent, ProcessLock, ProcessQueue } from 'meantime/processes';
import { clerk, type Desk, unlucky } from './clerk.js';
import { Ledger, type Transfer } from './ledger.js';

const TRANSFERS = 60;
const accounts = { ada: 1000, ben: 1000, cleo: 1000 };
const names = Object.keys(accounts);
const transfers: Transfer[] = Array.from({ length: TRANSFERS }, (_, id) => ({
  id,
  from: names[id % 3],
  to: names[(id + 1 + (id % 2)) % 3],
  amount: 1 + (id % 7),
}));

// The ledger is in a process of its own, the lock and the queue are at this one's.
const manager = await Manager.start({ name: 'ledger' });
const ledger = await manager.create(Ledger, accounts);
const desk: Desk = { transfers: new ProcessQueue<Transfer>(8), lock: new ProcessLock(), ledger };

const inTheMiddle = new ProcessEvent();
const victim = Process.start(unlucky, desk, inTheMiddle);
const clerks = ['first', 'second', 'third'].map((name) => Process.start(clerk, name, desk));

// The queue has room for eight: from then on this waits for the clerks, and they wait for the lock.
const filling = desk.transfers.putMany(transfers);

await Promise.race([inTheMiddle.wait(), victim]); // the second only ends first if it fails
const half = await ledger.pending();
assert.ok(half, 'a transfer is half done');
assert.equal(await desk.lock.tryAcquire(), undefined, 'nobody else gets the lock');
console.log(`transfer ${half.id} is half done: ${half.amount} have left ${half.from} and not come to ${half.to}`);

victim.kill('SIGKILL');
const lost = await victim.then(
  () => assert.fail('a process that was killed has no result'),
  (error: Error) => error,
);
assert.deepEqual([lost.name, victim.signalCode], ['WorkerLostError', 'SIGKILL']);
console.log(`kill -9 of the process that holds the lock: ${lost.name}`);

await filling;
await desk.transfers.join(); // every transfer was done
await desk.transfers.close(); // the clerks go home
const reports = await Promise.all(clerks);
for (const { name, transfers, repaired } of reports) {
  console.log(`${name}: ${transfers.length} transfers${repaired.map((id) => `, and the rest of transfer ${id}`).join('')}`);
}

const expected: Record<string, number> = { ...accounts };
for (const { from, to, amount } of transfers) {
  expected[from] -= amount;
  expected[to] += amount;
}
const [done, balances] = [await ledger.done(), await ledger.balances()];
await manager.shutdown();

assert.deepEqual(balances, expected);
assert.deepEqual(
  done.toSorted((a, b) => a - b),
  transfers.map(({ id }) => id),
  'each transfer was done once',
);
assert.deepEqual(
  reports.flatMap(({ repaired }) => repaired),
  [half.id],
);
console.log(`proof: the lock went on from a killed holder, all ${TRANSFERS} transfers were done once, and the balances are right`);
