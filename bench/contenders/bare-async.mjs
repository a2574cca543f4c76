let done = 0;

async function trivial() {
  done++;
}

async function echo(value) {
  return value;
}

async function spawn(n) {
  done = 0;
  const all = new Array(n);
  for (let i = 0; i < n; i++) all[i] = trivial();
  await Promise.all(all);
  return done;
}

/** What one writes by hand for two async functions: room for one item, and a promise only where somebody has to wait. */
class Channel {
  #item;
  #full = false;
  #taker;
  #putter;

  put(item) {
    if (this.#taker !== undefined) {
      const taker = this.#taker;
      this.#taker = undefined;
      taker(item);
      return undefined;
    }
    if (!this.#full) {
      this.#full = true;
      this.#item = item;
      return undefined;
    }
    return new Promise((resolve) => {
      this.#putter = { item, resolve };
    });
  }

  get() {
    if (!this.#full) {
      return new Promise((resolve) => {
        this.#taker = resolve;
      });
    }
    const item = this.#item;
    const putter = this.#putter;
    this.#full = putter !== undefined;
    this.#item = putter?.item;
    this.#putter = undefined;
    putter?.resolve();
    return item;
  }
}

async function pass(n) {
  const channel = new Channel();
  let sum = 0;
  const put = async () => {
    for (let i = 0; i < n; i++) await channel.put(i);
  };
  const get = async () => {
    for (let i = 0; i < n; i++) sum += await channel.get();
  };
  await Promise.all([put(), get()]);
  return sum;
}

/** The same, but an end that need not wait does not await. */
async function passSparingly(n) {
  const channel = new Channel();
  let sum = 0;
  const put = async () => {
    for (let i = 0; i < n; i++) {
      const taken = channel.put(i);
      if (taken !== undefined) await taken;
    }
  };
  const get = async () => {
    for (let i = 0; i < n; i++) {
      const item = channel.get();
      sum += typeof item === 'number' ? item : await item;
    }
  };
  await Promise.all([put(), get()]);
  return sum;
}

/** The platform and nothing else: the floors. */
export async function open() {
  return {
    spawn,
    pass,
    passSparingly,
    awaits: async (n) => {
      for (let i = 0; i < n; i++) await undefined;
      return n;
    },
    foreign: async (n) => {
      const settled = Promise.resolve(1);
      let sum = 0;
      for (let i = 0; i < n; i++) sum += await settled;
      return sum;
    },
    calls: async (n) => {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += await echo(1);
      return sum;
    },
    /** All of them await one promise: less memory than that takes no async function that is parked. */
    park: async (n) => {
      let release;
      const released = new Promise((resolve) => {
        release = resolve;
      });
      const wait = async () => {
        await released;
      };
      const all = Array.from({ length: n }, wait);
      return {
        stop() {
          release();
          return Promise.all(all);
        },
      };
    },
    map: async (inputs, concurrency) => {
      const results = new Array(inputs.length);
      let next = 0;
      const worker = async () => {
        for (let i = next++; i < inputs.length; i = next++) results[i] = await echo(inputs[i]);
      };
      await Promise.all(Array.from({ length: concurrency }, worker));
      return results;
    },
  };
}
