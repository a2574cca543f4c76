import pLimit from 'p-limit';

async function echo(value) {
  return value;
}

export async function open() {
  return {
    async lock(n) {
      const limit = pLimit(1);
      const nothing = () => {};
      for (let i = 0; i < n; i++) await limit(nothing);
      return n;
    },

    map: (inputs, concurrency) => pLimit(concurrency).map(inputs, echo),
  };
}
