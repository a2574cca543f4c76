import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What a door costs whoever imports it. */
export interface Door {
  /** The files of src/ that are in what is loaded. */
  modules: string[];
  /** The files of other packages that are loaded. */
  packages: string[];
  /** Which of the heavy built-ins are loaded, directly or by another built-in. */
  builtins: string[];
  /** The sum of the sizes of the bundles that hold them. */
  bytes: number;
}

/** What esbuild tells of what it wrote. */
interface Metafile {
  outputs: Record<string, { inputs: Record<string, { bytesInOutput: number }> }>;
}

/** Built-ins that cost time or memory to load; the rest is there anyway or differs between versions of Node. */
const heavy = ['child_process', 'cluster', 'crypto', 'dgram', 'http', 'http2', 'https', 'inspector', 'net', 'readline', 'sqlite', 'test'];
heavy.push('tls', 'vm', 'worker_threads', 'zlib');

export const root = fileURLToPath(new URL('../../../', import.meta.url));
/** The pinned costs, by specifier. Written by `npm run pin`. */
export const pins = join(root, 'test/package/doors.json');

/** The specifier of every door of package.json. */
export function doors(): string[] {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { exports: Record<string, unknown> };
  const names = Object.entries(exports).filter(([, target]) => typeof target === 'object');
  return names.map(([door]) => `meantime${door.slice(1)}`);
}

/** Imports a door in a fresh process and sees what V8 loaded. */
export function measure(door: string): Door {
  const folder = mkdtempSync(join(tmpdir(), 'door-'));
  try {
    const code = `await import(${JSON.stringify(door)})`;
    const { NODE_TEST_CONTEXT: _, NODE_OPTIONS: __, ...inherited } = process.env;
    const env = { ...inherited, NODE_V8_COVERAGE: folder };
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], { cwd: root, env, encoding: 'utf8' });
    if (status !== 0) throw new Error(`import of ${door} failed: ${stderr}`);
    const urls = readdirSync(folder).flatMap((name) => {
      const { result } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { result: { url: string }[] };
      return result.map(({ url }) => url);
    });
    const files = urls.filter((url) => url.startsWith('file:') && !url.includes('[eval')).map((url) => relative(root, fileURLToPath(url)));
    const bundles = files.filter((file) => file.startsWith('dist'));
    const { outputs } = JSON.parse(readFileSync(join(root, 'build/bundle.json'), 'utf8')) as Metafile;
    const modules = bundles.flatMap((file) => Object.entries(outputs[file].inputs));
    return {
      modules: modules.flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])).sort(),
      packages: files.filter((file) => !file.startsWith('dist')).sort(),
      builtins: heavy.filter((name) => urls.includes(`node:${name}`)).sort(),
      bytes: bundles.reduce((sum, file) => sum + statSync(join(root, file)).size, 0),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What is pinned for a door. */
export function pinned(door: string): Door {
  const all = JSON.parse(readFileSync(pins, 'utf8')) as Record<string, Door>;
  if (!Object.hasOwn(all, door)) throw new Error(`test/package/doors.json has no "${door}": npm run pin`);
  return all[door];
}
