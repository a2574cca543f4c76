import { Sema } from 'async-sema';

export async function open() {
  return {
    async lock(n) {
      const semaphore = new Sema(1);
      for (let i = 0; i < n; i++) {
        await semaphore.acquire();
        semaphore.release();
      }
      return n;
    },

    async contend(n, tasks, note) {
      const semaphore = new Sema(1, { capacity: tasks });
      await semaphore.acquire();
      const loops = Array.from({ length: tasks }, async (_, id) => {
        for (let i = 0; i < n / tasks; i++) {
          await semaphore.acquire();
          note(id);
          semaphore.release();
        }
      });
      semaphore.release();
      await Promise.all(loops);
    },
  };
}
