import pTimeout from 'p-timeout';

async function one() {
  return 1;
}

export async function open() {
  return {
    async timeouts(n) {
      const options = { milliseconds: 10_000 };
      let sum = 0;
      for (let i = 0; i < n; i++) sum += await pTimeout(one(), options);
      return sum;
    },
  };
}
