// biome-ignore-all lint/correctness/useYield: tasks that never wait are what is measured
import * as tasks from '../../dist/tasks/index.js';

const { run, withTaskGroup } = tasks;

let done = 0;

function* trivial() {
  done++;
}

function* one() {
  return 1;
}

/** Meantime's tasks, written as generator functions. */
export async function open() {
  return {
    async spawn(n) {
      done = 0;
      await run(() =>
        withTaskGroup(function* (group) {
          for (let i = 0; i < n; i++) group.spawn(trivial);
        }),
      );
      return done;
    },

    async pass(n) {
      const queue = new tasks.Queue(1);
      let sum = 0;
      await run(() =>
        withTaskGroup(function* (group) {
          group.spawn(function* () {
            for (let i = 0; i < n; i++) yield* queue.put(i);
          });
          group.spawn(function* () {
            for (let i = 0; i < n; i++) sum += yield* queue.get();
          });
        }),
      );
      return sum;
    },

    lock: (n) =>
      run(function* () {
        const lock = new tasks.Lock();
        for (let i = 0; i < n; i++) {
          const guard = yield* lock.acquire();
          guard.release();
        }
        return n;
      }),

    contend: (n, width, note) =>
      run(function* () {
        const lock = new tasks.Lock();
        const first = yield* lock.acquire();
        yield* withTaskGroup(function* (group) {
          for (let id = 0; id < width; id++) {
            group.spawn(function* () {
              for (let i = 0; i < n / width; i++) {
                const guard = yield* lock.acquire();
                note(id);
                guard.release();
              }
            });
          }
          while (lock.waiting < width) yield* tasks.checkpoint();
          first.release();
        });
      }),

    timeouts: (n) =>
      run(function* () {
        let sum = 0;
        for (let i = 0; i < n; i++) sum += yield* tasks.withTimeout(10_000, one);
        return sum;
      }),

    foreign: (n) =>
      run(function* () {
        const settled = Promise.resolve(1);
        let sum = 0;
        for (let i = 0; i < n; i++) sum += yield* tasks.cancellable(settled);
        return sum;
      }),

    async park(n) {
      const never = new tasks.Event();
      let parked = 0;
      const wait = function* () {
        parked++;
        yield* never.wait();
      };
      let cancel;
      const ended = run(() =>
        withTaskGroup(function* (group) {
          cancel = () => group.cancel();
          for (let i = 0; i < n; i++) group.spawn(wait);
        }),
      );
      while (parked < n) await new Promise(setImmediate);
      return {
        stop() {
          cancel();
          return ended;
        },
      };
    },

    async nest(n) {
      const never = new tasks.Event();
      let parked = false;
      const inside = function* (level) {
        if (level < n) return yield* tasks.withCancelScope(() => inside(level + 1));
        parked = true;
        return yield* never.wait();
      };
      let cancel;
      const ended = run(() =>
        tasks.withCancelScope((scope) => {
          cancel = () => scope.cancel();
          return inside(1);
        }),
      );
      while (!parked) await new Promise(setImmediate);
      return {
        stop() {
          cancel();
          return ended;
        },
      };
    },
  };
}
