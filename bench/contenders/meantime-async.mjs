import * as tasks from '../../dist/tasks/index.js';

const { run, withTaskGroup } = tasks;

let done = 0;

async function trivial() {
  done++;
}

async function one() {
  return 1;
}

async function echo(value) {
  return value;
}

/** Meantime's tasks, written as async functions. */
export async function open() {
  return {
    async spawn(n) {
      done = 0;
      await run(() =>
        withTaskGroup(async (group) => {
          for (let i = 0; i < n; i++) group.spawn(trivial);
        }),
      );
      return done;
    },

    async pass(n) {
      const queue = new tasks.Queue(1);
      let sum = 0;
      await run(() =>
        withTaskGroup(async (group) => {
          group.spawn(async () => {
            for (let i = 0; i < n; i++) await queue.put(i);
          });
          group.spawn(async () => {
            for (let i = 0; i < n; i++) sum += await queue.get();
          });
        }),
      );
      return sum;
    },

    lock: (n) =>
      run(async () => {
        const lock = new tasks.Lock();
        for (let i = 0; i < n; i++) {
          const guard = await lock.acquire();
          guard.release();
        }
        return n;
      }),

    contend: (n, width, note) =>
      run(async () => {
        const lock = new tasks.Lock();
        const first = await lock.acquire();
        await withTaskGroup(async (group) => {
          for (let id = 0; id < width; id++) {
            group.spawn(async () => {
              for (let i = 0; i < n / width; i++) {
                const guard = await lock.acquire();
                note(id);
                guard.release();
              }
            });
          }
          while (lock.waiting < width) await tasks.checkpoint();
          first.release();
        });
      }),

    map: (inputs, concurrency) => new tasks.TaskExecutor({ concurrency }).map(echo, inputs),

    gather: (inputs, concurrency) =>
      run(() =>
        tasks.gather(
          inputs.map((input) => () => echo(input)),
          { concurrency },
        ),
      ),

    timeouts: (n) =>
      run(async () => {
        let sum = 0;
        for (let i = 0; i < n; i++) sum += await tasks.withTimeout(10_000, one);
        return sum;
      }),

    foreign: (n) =>
      run(async () => {
        const settled = Promise.resolve(1);
        let sum = 0;
        for (let i = 0; i < n; i++) sum += await tasks.cancellable(settled);
        return sum;
      }),

    async park(n) {
      const never = new tasks.Event();
      let parked = 0;
      const wait = async () => {
        parked++;
        await never.wait();
      };
      let cancel;
      const ended = run(() =>
        withTaskGroup(async (group) => {
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
      const inside = async (level) => {
        if (level < n) return tasks.withCancelScope(() => inside(level + 1));
        parked = true;
        return never.wait();
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
