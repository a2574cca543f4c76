/**
 * The public names of asyncio in CPython 3.11 to 3.14, as `asyncio.__all__` and the classes of its high-level API have them: for machines without Python. Where one is there, it is
 * asked itself.
 */
export const functionsAndClasses = `
  ALL_COMPLETED AbstractChildWatcher AbstractEventLoop AbstractEventLoopPolicy AbstractServer Barrier BaseEventLoop BaseProtocol BaseTransport BoundedSemaphore BrokenBarrierError
  BufferedProtocol CancelledError Condition DatagramProtocol DatagramTransport DefaultEventLoopPolicy Event EventLoop FIRST_COMPLETED FIRST_EXCEPTION FastChildWatcher
  FrameCallGraphEntry Future FutureCallGraph Handle IncompleteReadError InvalidStateError LifoQueue LimitOverrunError Lock MultiLoopChildWatcher PidfdChildWatcher PriorityQueue Protocol
  Queue QueueEmpty QueueFull QueueShutDown ReadTransport Runner SafeChildWatcher SelectorEventLoop Semaphore SendfileNotAvailableError Server StreamReader StreamReaderProtocol
  StreamWriter SubprocessProtocol SubprocessTransport Task TaskGroup ThreadedChildWatcher Timeout TimeoutError TimerHandle Transport WriteTransport all_tasks as_completed
  capture_call_graph create_eager_task_factory create_subprocess_exec create_subprocess_shell create_task current_task eager_task_factory ensure_future format_call_graph
  future_add_to_awaited_by future_discard_from_awaited_by gather get_child_watcher get_event_loop get_event_loop_policy get_running_loop iscoroutine iscoroutinefunction isfuture
  new_event_loop open_connection open_unix_connection print_call_graph run run_coroutine_threadsafe set_child_watcher set_event_loop set_event_loop_policy shield sleep start_server
  start_unix_server timeout timeout_at to_thread wait wait_for wrap_future`
  .trim()
  .split(/\s+/);

/** The classes whose members are part of the high-level API. */
export const classes: Readonly<Record<string, string>> = {
  Task: `add_done_callback cancel cancelled cancelling done exception get_context get_coro get_loop get_name get_stack print_stack remove_done_callback result set_exception set_name
    set_result uncancel`,
  Future: 'add_done_callback cancel cancelled done exception get_loop remove_done_callback result set_exception set_result',
  TaskGroup: 'create_task',
  Runner: 'close get_loop run',
  Timeout: 'expired reschedule when',
  Queue: 'empty full get get_nowait join maxsize put put_nowait qsize shutdown task_done',
  Lock: 'acquire locked release',
  Event: 'clear is_set set wait',
  Condition: 'notify notify_all wait wait_for',
  Semaphore: 'acquire locked release',
  BoundedSemaphore: 'acquire locked release',
  Barrier: 'abort broken n_waiting parties reset wait',
  StreamReader: 'at_eof exception feed_data feed_eof read readexactly readline readuntil set_exception set_transport',
  StreamWriter: 'can_write_eof close drain get_extra_info is_closing start_tls transport wait_closed write write_eof writelines',
  Server: 'abort_clients close close_clients get_loop is_serving serve_forever sockets start_serving wait_closed',
  'subprocess.Process': 'communicate kill returncode send_signal terminate wait',
};

/** Every name, members as `Class.member`. */
export const names: readonly string[] = [
  ...functionsAndClasses,
  ...Object.entries(classes).flatMap(([of, members]) => members.split(/\s+/).map((member) => `${of.replace('subprocess.', '')}.${member}`)),
];

/** Asks Python for the same. The attributes that an instance gets in its constructor are not to be had from a class. */
export const question = `
import asyncio, asyncio.subprocess, json, sys
names = [name for name in asyncio.__all__ if not name.startswith("_")]
for path in ${JSON.stringify(Object.keys(classes))}:
    of = asyncio
    for part in path.split("."):
        of = getattr(of, part, None)
    names += [path.split(".")[-1] + "." + name for name in dir(of) if of is not None and not name.startswith("_")]
print(json.dumps({"version": list(sys.version_info[:2]), "names": names}))
`;
