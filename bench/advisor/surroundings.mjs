import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const entry = fileURLToPath(new URL('surroundings.entry.mjs', import.meta.url));

/** Runs `fn` with files, a server and a name server at hand, which `workloads/setting.mjs` finds. */
export async function withSurroundings(fn) {
  const helper = spawn(process.execPath, [entry], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(helper, 'exit');
  try {
    const line = await Promise.race([once(helper.stdout, 'data'), ended.then(([code]) => failed(code))]);
    const { folder, http, dns } = JSON.parse(line);
    Object.assign(process.env, { WORKLOADS_FOLDER: folder, WORKLOADS_HTTP: String(http), WORKLOADS_DNS: String(dns) });
    return await fn();
  } finally {
    helper.stdin.end();
    await ended;
  }
}

function failed(code) {
  throw new Error(`The surroundings ended with ${code} before they were there`);
}
