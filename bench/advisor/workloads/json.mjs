import { records } from './data.mjs';

const list = records(6000);
const text = JSON.stringify(list);
const tree = records(4000, 5);

/** Reads about 1 MB of JSON. */
export function parseBig() {
  return JSON.parse(text).length;
}

/** Reads the text that it is given, so that the text has to travel. */
export function parseGiven(given) {
  return JSON.parse(given).length;
}

export function stringifyBig() {
  return JSON.stringify(list).length;
}

export function cloneDeep() {
  return structuredClone(tree).length;
}

export function groupAndSort(field) {
  const groups = new Map();
  for (const record of list) {
    const key = `${record.name} ${record.at.city}`;
    groups.set(key, [...(groups.get(key) ?? []), record[field]]);
  }
  return [...groups].map(([key, values]) => [key, values.sort((a, b) => a - b)[values.length >> 1]]).sort((a, b) => a[1] - b[1]).length;
}
