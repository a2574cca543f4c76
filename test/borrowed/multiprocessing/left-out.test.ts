// After CPython 3.13.0, Lib/test/_test_multiprocessing.py (PSF-2.0): the classes of which nothing is here, and why.
import { Ledger } from '../ledger.js';

const locks = 'the same promises as of threading, which are held against the locks of processes in ../threading-locks';
const inside = 'the inside of an implementation that there is not';
new Ledger(
  {
    source: 'CPython 3.13.0, Lib/test/_test_multiprocessing.py, the rest',
    licence: 'PSF-2.0',
    tests: {
      TestInternalDecorators: 'test_only_run_in_spawn_testsuite',
      _TestLock: 'test_lock test_rlock test_lock_context',
      _TestSemaphore: 'test_semaphore test_bounded_semaphore test_timeout',
      _TestCondition: 'test_notify test_notify_all test_notify_n test_timeout test_waitfor test_waitfor_timeout test_wait_result',
      _TestEvent: 'test_event test_repr',
      _TestBarrier:
        'test_barrier test_barrier_10 test_wait_return test_action test_abort test_reset test_abort_and_reset test_timeout test_default_timeout test_single_thread test_thousand',
      _TestFinalize: 'test_finalize test_thread_safety',
      _TestImportStar: 'test_import',
      _TestLogging: 'test_enable_logging test_level test_filename',
      TestInitializers: 'test_manager_initializer test_pool_initializer',
      TestStdinBadfiledescriptor: 'test_queue_in_process test_pool_in_process test_flushing',
      TestFlags: 'test_flags',
      TestTimeouts: 'test_timeout',
      TestNoForkBomb: 'test_noforkbomb',
      TestForkAwareThreadLock: 'test_lock',
      TestCloseFds: 'test_closefd',
      TestIgnoreEINTR: 'test_ignore test_ignore_listener',
      TestStartMethod:
        'test_context test_context_check_module_types test_set_get test_get_all test_preload_resources test_mixed_startmethod test_nested_startmethod',
      TestResourceTracker:
        'test_resource_tracker test_resource_tracker_sigint test_resource_tracker_sigterm test_resource_tracker_sigkill test_resource_tracker_reused test_too_long_name_resource test_resource_tracker_exit_code',
      TestNamedResource: 'test_global_named_resource_spawn',
      _TestAtExit: 'test_atexit',
      MiscTestCase: 'test__all__ test_spawn_sys_executable_none_allows_import test_large_pool',
      SemLockTests: 'test_semlock_subclass',
    },
    leftOut: {
      TestInternalDecorators: 'a test of that suite itself',
      _TestLock: locks,
      _TestSemaphore: locks,
      _TestCondition: locks,
      _TestEvent: locks,
      _TestBarrier: locks,
      _TestFinalize: inside,
      _TestImportStar: 'what a module exports is held by test/package',
      _TestLogging: 'no logger: diagnostics channels',
      TestInitializers: 'told of concurrent.futures in ../concurrent-futures/init.test.ts',
      TestStdinBadfiledescriptor: 'a child is given no stdin',
      TestFlags: 'the options of node are handed on: told in test/failures/starting.test.ts',
      TestTimeouts: 'a default timeout of all sockets, which Node does not have',
      TestNoForkBomb: 'told in test/failures/orphans.test.ts: RecursiveImportError',
      TestForkAwareThreadLock: 'there is no fork',
      TestCloseFds: 'Node closes what a child is not meant to have',
      TestIgnoreEINTR: 'no call is interrupted by a signal',
      TestStartMethod: 'there is one way to start a process',
      TestResourceTracker: 'no process that takes away what others leave, but a watchdog for names: told of shared memory',
      TestNamedResource: inside,
      _TestAtExit: "process.on('exit') of Node",
      MiscTestCase: inside,
      SemLockTests: inside,
    },
  },
  [],
).account();
