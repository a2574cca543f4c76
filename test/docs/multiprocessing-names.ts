/** The public names of multiprocessing in CPython 3.11 to 3.14, by module: for machines without Python. Where one is there, it is asked itself. */
const modules: Readonly<Record<string, string>> = {
  '': `Array AuthenticationError Barrier BoundedSemaphore BufferTooShort Condition Event JoinableQueue Lock Manager Pipe Pool Process ProcessError Queue RLock RawArray RawValue Semaphore
    SimpleQueue TimeoutError Value active_children allow_connection_pickling cpu_count current_process freeze_support get_all_start_methods get_context get_logger get_start_method
    log_to_stderr parent_process reducer set_executable set_forkserver_preload set_start_method`,
  connection: 'Client Listener Pipe wait',
  context: `AuthenticationError BaseContext BufferTooShort DefaultContext ForkContext ForkProcess ForkServerContext ForkServerProcess Process ProcessError SpawnContext SpawnProcess
    TimeoutError assert_spawning get_spawning_popen set_spawning_popen`,
  dummy: `Barrier BoundedSemaphore Condition Event JoinableQueue Lock Manager Pipe Pool Process Queue RLock Semaphore active_children current_process freeze_support`,
  managers: 'BaseManager BaseProxy SharedMemoryManager SyncManager Token',
  pool: 'Pool ThreadPool',
  process: 'BaseProcess active_children current_process parent_process',
  queues: 'JoinableQueue Queue SimpleQueue',
  reduction: 'DupFd ForkingPickler dump recv_handle recvfds register send_handle sendfds',
  shared_memory: 'ShareableList SharedMemory',
  sharedctypes: 'Array RawArray RawValue Value copy synchronized',
  synchronize: 'BoundedSemaphore Condition Event Lock RLock Semaphore',
};

/** The members of its classes; those that a class inherits from another one of these are left out. */
const members: Readonly<Record<string, string>> = {
  Process: 'authkey close daemon exitcode ident interrupt is_alive join kill name pid run sentinel start terminate',
  Pool: 'Process apply apply_async close imap imap_unordered join map map_async starmap starmap_async terminate',
  AsyncResult: 'get ready successful wait',
  IMapIterator: 'next',
  Queue: 'cancel_join_thread close empty full get get_nowait join_thread put put_nowait qsize',
  JoinableQueue: 'join task_done',
  SimpleQueue: 'close empty get put',
  Connection: 'close closed fileno poll readable recv recv_bytes recv_bytes_into send send_bytes writable',
  Listener: 'accept address close last_accepted',
  Lock: 'acquire locked release',
  RLock: 'acquire locked release',
  Semaphore: 'acquire get_value release',
  BoundedSemaphore: 'acquire get_value release',
  Condition: 'acquire notify notify_all release wait wait_for',
  Event: 'clear is_set set wait',
  Barrier: 'abort broken n_waiting parties reset wait',
  SharedMemory: 'buf close name size unlink',
  ShareableList: 'count format index',
  Synchronized: 'get_lock get_obj value',
  SynchronizedArray: 'get_lock get_obj',
  SynchronizedString: 'raw value',
  BaseManager: 'address connect get_server join register shutdown start',
  SyncManager: `Array Barrier BoundedSemaphore Condition Event JoinableQueue Lock Namespace Pool Queue RLock Semaphore Value dict list set`,
  SharedMemoryManager: 'ShareableList SharedMemory',
};

/** Every name: of a submodule as `module.name`, members as `Class.member`. */
export const names: readonly string[] = [
  ...Object.entries(modules).flatMap(([of, each]) => each.split(/\s+/).map((name) => (of === '' ? name : `${of}.${name}`))),
  ...Object.entries(members).flatMap(([of, each]) => each.split(/\s+/).map((member) => `${of}.${member}`)),
];

/** Asks Python for the same. Nothing is started by it; a lock's members are to be had from a lock only. */
export const question = `
import importlib, json, sys
import multiprocessing as mp
public = lambda of: {name for name in dir(of) if not name.startswith("_")}
modules = {of: importlib.import_module("multiprocessing." + of) for of in ${JSON.stringify(Object.keys(modules).filter(Boolean))}}
names = list(mp.__all__)
for of, module in modules.items():
    if of == "context":
        own = [name for name in public(module) if getattr(getattr(module, name), "__module__", "") == module.__name__ and callable(getattr(module, name))]
    else:
        own = module.__all__
    names += [of + "." + name for name in own]
pool, queues, managers, sharedctypes = modules["pool"], modules["queues"], modules["managers"], modules["sharedctypes"]
members = {
    "Process": mp.Process, "Pool": pool.Pool, "AsyncResult": pool.AsyncResult, "IMapIterator": pool.IMapIterator,
    "Queue": queues.Queue, "JoinableQueue": public(queues.JoinableQueue) - public(queues.Queue), "SimpleQueue": queues.SimpleQueue,
    "Connection": modules["connection"].Connection, "Listener": modules["connection"].Listener,
    "Lock": mp.Lock(), "RLock": mp.RLock(), "Semaphore": mp.Semaphore(), "BoundedSemaphore": mp.BoundedSemaphore(),
    "Condition": mp.Condition(), "Event": mp.Event(), "Barrier": mp.Barrier(1),
    "SharedMemory": modules["shared_memory"].SharedMemory, "ShareableList": modules["shared_memory"].ShareableList,
    "Synchronized": sharedctypes.Synchronized, "SynchronizedArray": sharedctypes.SynchronizedArray,
    "SynchronizedString": public(sharedctypes.SynchronizedString) - public(sharedctypes.SynchronizedArray),
    "BaseManager": managers.BaseManager,
    "SyncManager": public(managers.SyncManager) - public(managers.BaseManager),
    "SharedMemoryManager": public(managers.SharedMemoryManager) - public(managers.BaseManager),
}
for of, thing in members.items():
    names += [of + "." + name for name in (thing if isinstance(thing, set) else public(thing))]
names += ["BaseContext." + name for name in public(modules["context"].BaseContext) - set(mp.__all__)]
print(json.dumps({"version": list(sys.version_info[:2]), "names": sorted(set(names))}))
`;
