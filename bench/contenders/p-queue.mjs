import PQueue from 'p-queue';

async function echo(value) {
  return value;
}

export async function open() {
  return {
    map: (inputs, concurrency) => {
      const queue = new PQueue({ concurrency });
      return queue.addAll(inputs.map((input) => () => echo(input)));
    },
  };
}
