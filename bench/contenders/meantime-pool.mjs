import { add, echo, increment, spin, work } from '../functions.mjs';

const functions = { increment, spin, work };

/** Both of our pools, which differ in nothing else. */
export async function openPool(Pool, { workers = 2, moved = false, lazy = false }) {
  const pool = new Pool({ workers });
  const echoMoved = moved ? (await import('../functions-transfer.mjs')).echoMoved : undefined;
  if (!lazy) await pool.broadcast(add, 1, 2);
  return {
    tiny: () => pool.submit(add, 1, 2),
    echo: moved ? (bytes) => pool.with({ transfer: [bytes.buffer] }).submit(echoMoved, bytes) : (value) => pool.submit(echo, value),
    map: (name, inputs) => pool.map(functions[name], inputs),
    results: (name, inputs) => pool.map(functions[name], inputs),
    close: () => pool.shutdown(),
  };
}
