// biome-ignore-all lint/correctness/useYield: tasks that never wait are what is measured
import { Deferred, Effect, Fiber, Queue, Semaphore } from 'effect';

let done = 0;

const bodies = {
  sync: Effect.sync(() => {
    done++;
  }),
  gen: Effect.gen(function* () {
    done++;
  }),
  promise: Effect.promise(async () => {
    done++;
  }),
};

/** One place to be joined: all children are forked into one fibre. */
const joins = {
  each: (n, body) =>
    Effect.gen(function* () {
      const fibers = new Array(n);
      for (let i = 0; i < n; i++) fibers[i] = yield* Effect.forkChild(body);
      for (let i = 0; i < n; i++) yield* Fiber.join(fibers[i]);
    }),
  all: (n, body) =>
    Effect.awaitAllChildren(
      Effect.gen(function* () {
        for (let i = 0; i < n; i++) yield* Effect.forkChild(body);
      }),
    ),
};

/**
 * Effect values that can be made once are made once. `forEach` is given plain promises: with generators it takes three times as long. `join` is how the
 * spawned are waited for: `each` of them, which fails as they do, or `all` by awaitAllChildren, which ignores failures.
 */
export async function open({ body = 'gen', join = 'each', shared = false } = {}) {
  return {
    async spawn(n) {
      done = 0;
      await Effect.runPromise(joins[join](n, bodies[body]));
      return done;
    },

    pass: (n) =>
      Effect.runPromise(
        Effect.gen(function* () {
          const queue = yield* Queue.bounded(1);
          const take = Queue.take(queue);
          let sum = 0;
          const put = yield* Effect.forkChild(
            Effect.gen(function* () {
              for (let i = 0; i < n; i++) yield* Queue.offer(queue, i);
            }),
          );
          const get = yield* Effect.forkChild(
            Effect.gen(function* () {
              for (let i = 0; i < n; i++) sum += yield* take;
            }),
          );
          yield* Fiber.join(put);
          yield* Fiber.join(get);
          return sum;
        }),
      ),

    lock: (n) =>
      Effect.runPromise(
        Effect.gen(function* () {
          const semaphore = yield* Semaphore.make(1);
          const take = semaphore.take(1);
          const release = semaphore.release(1);
          for (let i = 0; i < n; i++) {
            yield* take;
            yield* release;
          }
          return n;
        }),
      ),

    contend: (n, tasks, note) =>
      Effect.runPromise(
        Effect.gen(function* () {
          const semaphore = yield* Semaphore.make(1);
          const loop = (id) =>
            Effect.gen(function* () {
              const step = semaphore.withPermit(Effect.sync(() => note(id)));
              for (let i = 0; i < n / tasks; i++) yield* step;
            });
          yield* semaphore.take(1);
          const fibers = [];
          for (let id = 0; id < tasks; id++) fibers.push(yield* Effect.forkChild(loop(id)));
          yield* Effect.yieldNow;
          yield* semaphore.release(1);
          for (const fiber of fibers) yield* Fiber.join(fiber);
        }),
      ),

    map: (inputs, concurrency) => Effect.runPromise(Effect.forEach(inputs, (input) => Effect.promise(async () => input), { concurrency })),

    timeouts: (n) =>
      Effect.runPromise(
        Effect.gen(function* () {
          const call = Effect.timeout(
            Effect.sync(() => 1),
            10_000,
          );
          let sum = 0;
          for (let i = 0; i < n; i++) sum += yield* call;
          return sum;
        }),
      ),

    /** With `shared` one Deferred keeps all of them; that takes the least memory, and its list makes interrupting slow. */
    async park(n) {
      const one = Deferred.makeUnsafe();
      let parked = 0;
      const never = Effect.suspend(() => {
        parked++;
        return Deferred.await(shared ? one : Deferred.makeUnsafe());
      });
      const parent = Effect.runFork(
        Effect.gen(function* () {
          for (let i = 0; i < n; i++) yield* Effect.forkChild(never);
          yield* Effect.never;
        }),
      );
      while (parked < n) await new Promise(setImmediate);
      return { stop: () => Effect.runPromise(Fiber.interrupt(parent)) };
    },
  };
}
