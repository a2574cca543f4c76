// After CPython 3.13.0, Lib/test/_test_multiprocessing.py (PSF-2.0): SharedMemory, Value and Array.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { WorkerLostError } from 'meantime';
import { ProcessPoolExecutor, SharedMemory } from 'meantime/processes';
import { until } from '../../fixtures/calls/pools.js';
import { Ledger } from '../ledger.js';
import { addAtomically, fillWith, makeAndDie, openAndRead } from './memory-calls.js';

let pool: ProcessPoolExecutor;
before(() => {
  pool = new ProcessPoolExecutor({ workers: 2 });
});
after(() => pool.shutdown({ grace: 0 }));

const list = 'a list of mixed values in fixed bytes is a struct, and that is for the threads of a process';
const server = 'a manager of blocks: a block without a name needs none, and one with a name is watched over';
const heap = 'an allocator inside of a block: no part of the interface';
const ledger = new Ledger(
  {
    source: 'CPython 3.13.0, Lib/test/_test_multiprocessing.py, of shared memory',
    licence: 'PSF-2.0',
    tests: {
      _TestValue: 'test_value test_rawvalue test_getobj_getlock',
      _TestArray: 'test_array test_array_from_size test_rawarray test_getobj_getlock_obj',
      _TestSharedCTypes: 'test_sharedctypes test_synchronize test_copy',
      _TestHeap: 'test_heap test_free_from_gc',
      _TestSharedMemory:
        'test_shared_memory_name_with_embedded_null test_shared_memory_basics test_shared_memory_recreate test_invalid_shared_memory_creation test_shared_memory_pickle_unpickle test_shared_memory_pickle_unpickle_dead_object test_shared_memory_across_processes test_shared_memory_SharedMemoryServer_ignores_sigint test_shared_memory_SharedMemoryManager_reuses_resource_tracker test_shared_memory_SharedMemoryManager_basics test_shared_memory_ShareableList_basics test_shared_memory_ShareableList_pickling test_shared_memory_ShareableList_pickling_dead_object test_shared_memory_cleaned_after_process_termination test_shared_memory_untracking test_shared_memory_tracking',
    },
    leftOut: {
      '_TestValue.test_getobj_getlock': 'memory and the lock for it are two things, and both travel',
      '_TestArray.test_getobj_getlock_obj': 'memory and the lock for it are two things, and both travel',
      _TestSharedCTypes: 'values of C: a typed array over a block',
      _TestHeap: heap,
      '_TestSharedMemory.test_shared_memory_SharedMemoryServer_ignores_sigint': server,
      '_TestSharedMemory.test_shared_memory_SharedMemoryManager_reuses_resource_tracker': server,
      '_TestSharedMemory.test_shared_memory_SharedMemoryManager_basics': server,
      '_TestSharedMemory.test_shared_memory_ShareableList_basics': list,
      '_TestSharedMemory.test_shared_memory_ShareableList_pickling': list,
      '_TestSharedMemory.test_shared_memory_ShareableList_pickling_dead_object': list,
      '_TestSharedMemory.test_shared_memory_untracking': 'who opens a block by its name never takes the name away',
      '_TestSharedMemory.test_shared_memory_tracking': 'a name is always watched over',
    },
  },
  [{ name: 'SharedMemory' }],
);

const name = (what: string) => `borrowed-${what}-${process.pid}`;

ledger.take(
  ['_TestValue.test_value', '_TestValue.test_rawvalue'],
  'a number that several processes add to, where memory is shared',
  async (_) => {
    using block = SharedMemory.create({ size: 8 });
    if (!block.shared) return void console.log(`not checked: ${SharedMemory.support().reason}`);
    await Promise.all([1, 2, 3, 4].map(() => pool.submit(addAtomically, block, 10_000)));
    assert.equal(new Int32Array(block.buffer)[0], 40_000);
  },
);

ledger.take(
  ['_TestArray.test_array', '_TestArray.test_array_from_size', '_TestArray.test_rawarray'],
  'bytes are 0 at first, and another process sees and changes them',
  async () => {
    using block = SharedMemory.create({ size: 1000 });
    assert.deepEqual(block.read(), new Uint8Array(1000));
    assert.equal(await pool.submit(fillWith, block, 7), 7);
    assert.deepEqual(block.read(10, 5), new Uint8Array(5).fill(7));
    block.write(new Uint8Array([1, 2, 3]), 997);
    assert.deepEqual([...block.read(996)], [7, 1, 2, 3]);
  },
);

ledger.take(
  ['_TestSharedMemory.test_shared_memory_name_with_embedded_null', '_TestSharedMemory.test_invalid_shared_memory_creation'],
  'names and sizes that are none',
  () => {
    for (const bad of ['with\0null', '../up', '', '.hidden'])
      assert.throws(() => SharedMemory.create({ size: 1, name: bad }), { code: 'MEANTIME_OPTION' });
    for (const size of [-1, 0, 1.5, undefined as never]) assert.throws(() => SharedMemory.create({ size }), { code: 'MEANTIME_OPTION' });
  },
);

ledger.take(
  '_TestSharedMemory.test_shared_memory_basics',
  'by its name it is the same block; a name is had once, and goes with its maker',
  () => {
    const block = SharedMemory.create({ size: 512, name: name('basics') });
    block.write(new Uint8Array([42]), 0);
    {
      using same = SharedMemory.open(name('basics'));
      assert.deepEqual([same.size >= 512, same.read(0, 1)[0]], [true, 42]);
      same.write(new Uint8Array([99]), 1);
    }
    assert.deepEqual([...block.read(0, 2)], [42, 99]);
    assert.throws(() => SharedMemory.create({ size: 1, name: name('basics') }), { code: 'MEANTIME_OPTION' });
    block[Symbol.dispose]();
    assert.equal(SharedMemory.tryOpen(name('basics')), undefined);
    assert.throws(() => SharedMemory.open(name('basics')), { code: 'MEANTIME_OPTION' });
    assert.throws(() => block.read(), { code: 'MEANTIME_CONNECTION_CLOSED' });
  },
);

ledger.take('_TestSharedMemory.test_shared_memory_recreate', 'a name that has gone can be had again, and has none of the old bytes', () => {
  for (let i = 0; i < 3; i++) {
    using block = SharedMemory.create({ size: 10, name: name('again') });
    assert.deepEqual(block.read(), new Uint8Array(10));
    block.write(new Uint8Array(10).fill(1));
  }
});

ledger.take(
  ['_TestSharedMemory.test_shared_memory_pickle_unpickle', '_TestSharedMemory.test_shared_memory_across_processes'],
  'it travels, with a name or without, and can be opened by its name',
  async () => {
    using block = SharedMemory.create({ size: 100, name: name('across') });
    assert.equal(await pool.submit(fillWith, block, 5), 5);
    assert.deepEqual(await pool.submit(openAndRead, name('across'), 3), [5, 5, 5]);
  },
);

ledger.take('_TestSharedMemory.test_shared_memory_pickle_unpickle_dead_object', 'one that is closed does not travel', async () => {
  const block = SharedMemory.create({ size: 100 });
  block[Symbol.dispose]();
  await assert.rejects(
    async () => await pool.submit(fillWith, block, 5),
    (error: { code?: string }) => /^MEANTIME_/.test(error.code ?? ''),
  );
});

ledger.take(
  '_TestSharedMemory.test_shared_memory_cleaned_after_process_termination',
  'a name whose maker is killed with -9 is taken away',
  async () => {
    await assert.rejects(async () => await pool.submit(makeAndDie, name('killed')), WorkerLostError);
    await until('the name is gone', () => {
      const found = SharedMemory.tryOpen(name('killed'));
      found?.[Symbol.dispose]();
      return found === undefined;
    });
  },
);

ledger.account();
