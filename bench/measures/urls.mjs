import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const entry = fileURLToPath(new URL('../contenders/url-server.entry.mjs', import.meta.url));

/**
 * Many URLs of one latency from a server in a process of its own. `ms` is this process's clock around the map; `served` is the
 * server's clock from the first request to the last answer, which knows nothing of anybody's start. `warm` maps of the same length, answered
 * at once, come first: they open the connections and let both ends compile.
 */
export default async function urls(load, { n, latency, warm, ...options }) {
  const server = spawn(process.execPath, [entry], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [port] = await once(server.stdout, 'data');
  const at = (path) => `http://127.0.0.1:${Number(port)}${path}`;
  const span = async () => (await fetch(at('/span'))).json();
  const pool = await (await load()).open(options);
  const same = (ms) => new Array(n).fill(at(`/wait/${ms}`));
  for (let i = 0; i < warm; i++) await pool.map('get', same(0));
  await span();
  const start = performance.now();
  const results = await pool.map('get', same(latency));
  const ms = performance.now() - start;
  const { ms: served, served: count, most } = await span();
  if (results.length !== n || count !== n) throw new Error(`${n} URLs gave ${results.length} results and ${count} requests`);
  await pool.close();
  server.stdin.end();
  await once(server, 'exit');
  return { ms, served, most };
}
