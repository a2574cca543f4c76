/** The public names of threading, and of queue, in CPython 3.11 to 3.14: for machines without Python. Where one is there, it is asked itself. */
const functionsAndClasses = `
  Barrier BoundedSemaphore BrokenBarrierError Condition Event ExceptHookArgs Lock RLock Semaphore TIMEOUT_MAX Thread ThreadError Timer activeCount active_count currentThread current_thread
  enumerate excepthook get_ident get_native_id getprofile gettrace local main_thread setprofile setprofile_all_threads settrace settrace_all_threads stack_size queue.Empty queue.Full
  queue.LifoQueue queue.PriorityQueue queue.Queue queue.ShutDown queue.SimpleQueue`
  .trim()
  .split(/\s+/);

/** The members of its classes; those that a class inherits from another one of these are left out. */
const members: Readonly<Record<string, string>> = {
  Thread: 'daemon getName ident isDaemon is_alive join name native_id run setDaemon setName start',
  Timer: 'cancel',
  ExceptHookArgs: 'exc_traceback exc_type exc_value thread',
  Lock: 'acquire acquire_lock locked locked_lock release release_lock',
  RLock: 'acquire locked release',
  Condition: 'acquire notify notifyAll notify_all release wait wait_for',
  Semaphore: 'acquire release',
  BoundedSemaphore: 'acquire release',
  Event: 'clear isSet is_set set wait',
  Barrier: 'abort broken n_waiting parties reset wait',
  Queue: 'empty full get get_nowait join put put_nowait qsize shutdown task_done',
};

/** Every name, members as `Class.member`. */
export const names: readonly string[] = [
  ...functionsAndClasses,
  ...Object.entries(members).flatMap(([of, each]) => each.split(' ').map((member) => `${of}.${member}`)),
];

/** Asks Python for the same. What a Condition takes over from its lock is not to be had from its class. */
export const question = `
import json, queue, sys, threading
public = lambda of: [name for name in dir(of) if not name.startswith("_")]
names = list(threading.__all__) + [name for name in public(threading) if getattr(getattr(threading, name), "__module__", "") == "threading"]
names += ["queue." + name for name in queue.__all__]
things = {"Lock": threading.Lock(), "RLock": threading.RLock(), "Queue": queue.Queue, "Timer": set(public(threading.Timer)) - set(public(threading.Thread))}
for of in ("Thread", "Condition", "Semaphore", "BoundedSemaphore", "Event", "Barrier"):
    things[of] = getattr(threading, of)
for of, thing in things.items():
    names += [of + "." + name for name in (thing if isinstance(thing, set) else public(thing))]
names += ["ExceptHookArgs." + name for name in public(threading.ExceptHookArgs) if type(getattr(threading.ExceptHookArgs, name)).__name__ == "member_descriptor"]
print(json.dumps({"version": list(sys.version_info[:2]), "names": sorted(set(names))}))
`;
