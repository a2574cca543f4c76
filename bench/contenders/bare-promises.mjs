import { get } from '../functions-url.mjs';

const functions = { get };

/** Everything at once: what the platform does by itself. */
export async function open() {
  return { map: (name, inputs) => Promise.all(inputs.map((input) => functions[name](input))), close: async () => {} };
}
