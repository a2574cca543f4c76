import pMap from 'p-map';

async function echo(value) {
  return value;
}

export async function open() {
  return { map: (inputs, concurrency) => pMap(inputs, echo, { concurrency }) };
}
