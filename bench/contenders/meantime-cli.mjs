import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const cli = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const functions = fileURLToPath(new URL('../functions-url.mjs', import.meta.url));

/** The command line, a process for each map. */
export async function open({ concurrency }) {
  const folder = await mkdtemp(join(tmpdir(), 'meantime-bench-'));
  const list = join(folder, 'urls.txt');
  const out = join(folder, 'out.jsonl');
  return {
    map: async (name, inputs) => {
      await writeFile(list, `${inputs.join('\n')}\n`);
      await rm(out, { force: true });
      const args = ['map', `${functions}#${name}`, '--lines', list, '--on', 'tasks', '--concurrency', String(concurrency), '--out', out];
      const child = spawn(process.execPath, [cli, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
      let said = '';
      child.stderr.setEncoding('utf8').on('data', (text) => {
        said += text;
      });
      const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
      if (code !== 0) throw new Error(`meantime ${args.join(' ')} ended with ${code}: ${said}`);
      return (await readFile(out, 'utf8')).trimEnd().split('\n');
    },
    close: () => rm(folder, { recursive: true }),
  };
}
