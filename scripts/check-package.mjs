// Holds what others get with this package: its dependencies are those of docs/dependencies.md, and
// the tarball has what users need and nothing else.
// node scripts/check-package.mjs [ROOT]
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Field of package.json -> the word for it on the page. */
const kinds = {
  dependencies: 'dependency',
  optionalDependencies: 'optional',
  peerDependencies: 'peer',
  bundleDependencies: 'bundled',
  devDependencies: 'development',
};
/** Names that a declared package may bring with it. */
const brought = { koffi: /^@koromix\/koffi-[a-z0-9]+-[a-z0-9]+$/ };
/** The files that may be in the tarball. */
const allowed = [
  /^(?:package\.json|README\.md|LICENSE|CHANGELOG\.md)$/,
  /^dist\/(?:[a-z0-9-]+\/)*[a-z0-9-]+(?:\.entry)?\.(?:js|js\.map|d\.ts|d\.ts\.map)$/,
  /^dist\/chunks\/[A-Z0-9]{8}\.js(?:\.map)?$/,
  /^src\/(?:[a-z0-9-]+\/)*[a-z0-9-]+(?:\.entry)?\.ts$/,
  /^src\/(?:[a-z-]+\/)+README\.md$/,
];
/** Words that name what serves tests and measurements. */
const tools = /(?:^|[/.-])(?:tests?|trials?|bench(?:es|marks?)?|models?|harness|fixtures?|simulations?|borrowed|mocks?)(?:[/.-]|$)/;

/** Every complaint about the package under `root`. */
export function checkPackage(root) {
  const read = (file) => readFileSync(join(root, file), 'utf8');
  const manifest = JSON.parse(read('package.json'));
  return [
    ...checkDependencies(manifest, read('docs/dependencies.md'), JSON.parse(read('package-lock.json')).packages),
    ...checkManifest(manifest),
    ...(existsSync(join(root, 'build/bundle.json')) ? checkLoaded(manifest, JSON.parse(read('build/bundle.json'))) : []),
  ];
}

/** package.json, the page and the lock file name the same packages. */
export function checkDependencies(manifest, page, locked) {
  const faults = [];
  const rows = new Map();
  for (const [, name, kind, rest] of page.matchAll(/^\| `([^`]+)` \| (\w+) \| (.*) \|$/gm)) {
    rows.set(name, { kind, hasScript: rest.split(' | ').some((cell) => cell.startsWith('yes: ')) });
  }
  const declared = new Map();
  for (const [field, kind] of Object.entries(kinds)) {
    const names = Array.isArray(manifest[field]) ? manifest[field] : Object.keys(manifest[field] ?? {});
    for (const name of names) declared.set(name, kind);
  }
  if (manifest.bundledDependencies)
    faults.push('package.json: bundledDependencies: spell it bundleDependencies, and give a reason on docs/dependencies.md');
  for (const [name, kind] of declared) {
    if (rows.get(name)?.kind !== kind)
      faults.push(`package.json: ${name} (${kind}) has no such row in docs/dependencies.md: what is it for?`);
  }
  for (const [name, { kind }] of rows)
    if (declared.get(name) !== kind) faults.push(`docs/dependencies.md: ${name} (${kind}) is not in package.json`);
  for (const [path, { dev, devOptional, hasInstallScript, link }] of Object.entries(locked)) {
    if (path === '') continue;
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const isBrought = Object.values(brought).some((pattern) => pattern.test(name));
    if (!dev && !devOptional && !declared.has(name) && !isBrought)
      faults.push(`package-lock.json: users would install ${name}, which nothing here declares`);
    if (hasInstallScript && !rows.get(name)?.hasScript)
      faults.push(`package-lock.json: ${name} runs a script as it is installed, which docs/dependencies.md does not say`);
    if (link) faults.push(`package-lock.json: ${name} is a link`);
  }
  return faults;
}

/**
 * Ready to be published with provenance; nothing runs on the machine of the person who installs it.
 */
function checkManifest({ publishConfig, scripts = {} }) {
  const faults = [];
  if (publishConfig?.provenance !== true || publishConfig.access !== 'public')
    faults.push('package.json: publishConfig is not { access: "public", provenance: true }');
  for (const name of ['preinstall', 'install', 'postinstall', 'prepare'])
    if (name in scripts) faults.push(`package.json: the script "${name}" would run where this package is installed`);
  return faults;
}

/** Each package that the bundles load is declared. */
function checkLoaded({ dependencies = {} }, { outputs }) {
  const names = new Set();
  for (const { imports } of Object.values(outputs))
    for (const { path, external } of imports) if (external && !path.startsWith('node:')) names.add(path);
  const nameOf = (path) =>
    path
      .split('/')
      .slice(0, path.startsWith('@') ? 2 : 1)
      .join('/');
  return [...names]
    .filter((path) => !Object.hasOwn(dependencies, nameOf(path)))
    .map((path) => `dist: ${path} is imported, and package.json does not declare it`);
}

/** Complaints about the files of a tarball. */
export function checkFiles(files) {
  const faults = files.filter((file) => tools.test(file)).map((file) => `tarball: ${file} serves tests or measurements`);
  for (const file of files)
    if (!allowed.some((pattern) => pattern.test(file))) faults.push(`tarball: ${file} is nothing that scripts/check-package.mjs allows`);
  return faults;
}

/** The files that `npm pack` would take. */
export function packedFiles(root) {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const { stdout, stderr, status } = spawnSync(npm, ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (status !== 0) throw new Error(`npm pack failed: ${stderr}`);
  return JSON.parse(stdout)[0].files.map(({ path }) => path);
}

if (import.meta.filename === process.argv[1]) {
  const root = resolve(process.argv[2] ?? '.');
  const faults = [...checkPackage(root), ...checkFiles(packedFiles(root))];
  for (const fault of faults) console.error(fault);
  console.log(faults.length === 0 ? 'package: as it should be' : `package: ${faults.length} wrong`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}
