import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { root } from './doors.js';

// The tarball as a stranger installs it, without the optional koffi, and packages of that name that
// somebody has put where Node would look, or in its very place.

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const top = realpathSync(mkdtempSync(join(tmpdir(), 'koffi-')));
const project = join(top, 'above/project');
const [marks, elsewhere, home] = ['marks', 'elsewhere', 'home'].map((name) => join(top, name));
const real = join(root, 'node_modules/koffi');
const hasReal = existsSync(real) && ['linux', 'darwin'].includes(process.platform);
const { NODE_TEST_CONTEXT: _, NODE_OPTIONS: __, NODE_PATH: ___, MEANTIME_NATIVE: ____, ...inherited } = process.env;
const env = { ...inherited, HOME: home, REAL: real, MARKS: marks };
after(() => rmSync(top, { recursive: true }));

before(() => {
  for (const folder of [project, elsewhere, home]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'stranger', private: true, type: 'module' }));
  const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', top];
  const [{ filename }] = JSON.parse(execFileSync(npm, pack, { cwd: root, encoding: 'utf8', env: inherited }));
  const install = ['install', '--no-audit', '--no-fund', '--prefer-offline', '--omit=optional', join(top, filename)];
  execFileSync(npm, install, { cwd: project, env: inherited, stdio: 'pipe' });
  assert.equal(existsSync(join(project, 'node_modules/koffi')), false);
});

/** Puts a package of that name there; each tells when it is loaded. */
function plant(folder: string, code: string, manifest: object = {}): void {
  const at = join(folder, 'koffi');
  rmSync(at, { recursive: true, force: true });
  mkdirSync(at, { recursive: true });
  const about = { name: 'koffi', version: '3.3.4', main: 'index.cjs', ...manifest };
  writeFileSync(join(at, 'package.json'), JSON.stringify(about));
  writeFileSync(join(at, 'index.cjs'), `require('node:fs').appendFileSync(process.env.MARKS, __filename + '\\n');\n${code}`);
}

const program = `
  import { SharedMemory } from 'meantime/processes';
  const { shared, reason } = SharedMemory.support();
  const block = SharedMemory.create({ size: 100 });
  block.write(Uint8Array.of(1, 2, 3), 5);
  const bytes = [...block.read(5, 3)];
  const buffer = [...new Uint8Array(block.buffer, 5, 3)];
  block.close();
  console.log(JSON.stringify({ shared, reason, bytes, buffer }));
`;

function use(more: { cwd?: string; NODE_PATH?: string } = {}) {
  rmSync(marks, { force: true });
  const { cwd = project, ...paths } = more;
  const file = join(project, 'program.mjs');
  writeFileSync(file, program);
  const { status, stdout, stderr } = spawnSync(process.execPath, [file], { cwd, encoding: 'utf8', env: { ...env, ...paths } });
  assert.equal(status, 0, stderr);
  const loaded = existsSync(marks) ? readFileSync(marks, 'utf8') : '';
  return { ...JSON.parse(stdout), stderr, loaded } as {
    shared: boolean;
    reason?: string;
    bytes: number[];
    buffer: number[];
    stderr: string;
    loaded: string;
  };
}

const spy = 'module.exports = require(process.env.REAL);';

test('a koffi in the current folder, above the project, in NODE_PATH or in the home folder is never loaded', () => {
  const folders = [join(elsewhere, 'node_modules'), join(top, 'above/node_modules'), join(top, 'node_modules'), join(top, 'paths')];
  for (const folder of [...folders, join(home, '.node_modules'), join(home, '.node_libraries')]) plant(folder, spy);
  for (const cwd of [project, elsewhere]) {
    for (const paths of [{}, { NODE_PATH: join(top, 'paths') }]) {
      const { shared, reason, bytes, buffer, stderr, loaded } = use({ cwd, ...paths });
      assert.deepEqual(
        [shared, reason, bytes, buffer, stderr, loaded],
        [false, 'koffi is not installed with this package', [1, 2, 3], [1, 2, 3], '', ''],
      );
    }
  }
});

test('koffi is loaded from the places of a dependency: hoisted beside this package, and below it', {
  skip: !hasReal && 'koffi is not installed here, or has nothing for this system',
}, () => {
  for (const folder of ['node_modules', 'node_modules/meantime/node_modules'].map((path) => join(project, path))) {
    for (const name of ['koffi', '@koromix']) cpSync(join(root, 'node_modules', name), join(folder, name), { recursive: true });
    const { shared, reason, bytes, buffer, stderr } = use();
    assert.deepEqual([shared, reason, bytes, buffer, stderr], [true, undefined, [1, 2, 3], [1, 2, 3], '']);
    for (const name of ['koffi', '@koromix']) rmSync(join(folder, name), { recursive: true });
  }
});

const needed = /^koffi 3\.3\.4 or later is needed, below 4, and .* is installed$/;
for (const [name, manifest] of Object.entries({
  'another name': { name: 'kofi' },
  'no name': { name: undefined },
  'an older version': { version: '3.3.3' },
  'a version of before': { version: '3.4.0-beta.1' },
  'the next version': { version: '4.0.0' },
  'no version': { version: undefined },
  'a version that is an object': { version: { toString: 1 } },
})) {
  test(`a koffi with ${name} in its package.json is told, and not loaded`, () => {
    plant(join(project, 'node_modules'), spy, manifest);
    const { shared, reason, bytes, stderr, loaded } = use();
    assert.deepEqual([shared, bytes, loaded], [false, [1, 2, 3], '']);
    assert.match(String(reason), needed);
    assert.match(stderr, /MEANTIME_NO_NATIVE\] MeantimeWarning: koffi 3\.3\.4 or later is needed/);
  });
}

/** The real one with something changed: what it says of itself is not what it does. */
const changed = (change: string) => `const real = require(process.env.REAL); module.exports = { ...real, ${change} };`;
const library = (func: string) => changed(`load: (path) => { const library = real.load(path); return { func: ${func} }; }`);

const lies: Record<string, [string, RegExp]> = {
  'is empty': ['', /it has no function "load"/],
  'is null': ['module.exports = null;', /it has no function "load"/],
  'has "load" and no "view"': ['module.exports = { load() {}, address() {}, errno() {} };', /it has no function "view"/],
  'has texts for functions': [
    'module.exports = { load: "load", view: "view", address: "address", errno: "errno" };',
    /it has no function "load"/,
  ],
  'has getters that throw': [
    'Object.defineProperty(module.exports, "load", { get() { throw new Error("not today\\nat all"); } });',
    /not today$/,
  ],
  'throws whatever is asked of it': ['module.exports = new Proxy({}, { get() { throw null; } });', /cannot be loaded: null/],
  'throws as it is loaded': ['throw new Error("no library for this system");', /cannot be loaded: no library for this system/],
  'throws something that cannot be shown': ['throw { toString() { throw this; } };', /cannot be loaded: something that cannot be shown/],
  'does not parse': ['module.exports = {', /cannot be loaded: Unexpected/],
  'gives no library': [
    'module.exports = { load() {}, address() {}, view() {}, errno() {} };',
    /what its "load" gives has no function "func"/,
  ],
  'gives texts for functions of the library': [
    'module.exports = { load: () => ({ func: (text) => text }), address() {}, view() {}, errno() {} };',
    /it gives no function for "void \*mmap/,
  ],
  'gives functions that give nothing': [
    'module.exports = { load: () => ({ func: () => () => {} }), address() {}, view() {}, errno() {} };',
    /gives no (?:number|bigint)/,
  ],
};
/** Those for which there has to be a true one. */
const mapped: Record<string, [string, RegExp]> = {
  'gives a new buffer for mapped memory': [changed('view: (at, length) => new ArrayBuffer(length)'), /its "view" does not give the memory/],
  'gives bytes for a buffer': [
    changed('view: (at, length) => new Uint8Array(real.view(at, length))'),
    /its "view" does not give the memory/,
  ],
  'gives less than it was asked for': [changed('view: (at, length) => real.view(at, 8)'), /its "view" does not give the memory/],
  'gives numbers for addresses': [changed('address: (buffer) => Number(real.address(buffer))'), /its "address" gives no bigint/],
  'maps something else': [
    library(
      '(text) => text.includes("mmap") ? (at, size, mode, flags) => library.func(text)(at, size, 3, 0x22, -1, 0) : library.func(text)',
    ),
    /what it maps is not what the file holds/,
  ],
  'gives texts for descriptors': [library('(text) => text.includes("memfd") ? () => "7" : library.func(text)'), /gives no number/],
};

for (const [name, [code, why]] of [...Object.entries(lies), ...Object.entries(mapped)]) {
  const skip = Object.hasOwn(mapped, name) && process.platform !== 'linux' ? 'files without a name are of Linux' : false;
  test(`a koffi that ${name} is told in one sentence, and done without`, {
    skip: skip || (name in mapped && !hasReal && 'koffi is not installed here'),
  }, () => {
    plant(join(project, 'node_modules'), code);
    const { shared, reason, bytes, buffer, stderr } = use();
    assert.deepEqual([shared, bytes, buffer], [false, [1, 2, 3], [1, 2, 3]]);
    assert.match(String(reason), why);
    assert.doesNotMatch(String(reason), /\n/);
    const warnings = stderr.split('\n').filter((line) => line.includes('MeantimeWarning'));
    assert.equal(warnings.length, 1, stderr);
    assert.match(warnings[0], /Shared memory goes by copies instead/);
  });
}
