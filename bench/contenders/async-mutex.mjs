import { Mutex } from 'async-mutex';

export async function open() {
  return {
    async lock(n) {
      const mutex = new Mutex();
      for (let i = 0; i < n; i++) {
        const release = await mutex.acquire();
        release();
      }
      return n;
    },

    async contend(n, tasks, note) {
      const mutex = new Mutex();
      const first = await mutex.acquire();
      const loops = Array.from({ length: tasks }, async (_, id) => {
        for (let i = 0; i < n / tasks; i++) {
          const release = await mutex.acquire();
          note(id);
          release();
        }
      });
      first();
      await Promise.all(loops);
    },
  };
}
