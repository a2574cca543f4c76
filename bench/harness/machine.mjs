import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { delimiter } from 'node:path';

const home = new URL('../', import.meta.url);

function said(command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  return status === 0 ? (stdout + stderr).trim() : undefined;
}

/** `python3`, if there is one: its version. */
export const python = said('python3', ['--version'])?.replace('Python ', '');

/** Whether a process can be pinned to one core. */
export const canPin = said('taskset', ['--version']) !== undefined;

/** What a figure depends on, without a word about whose machine it is. */
export function machine() {
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model ?? 'unknown',
    memory: `${Math.round(totalmem() / 2 ** 30)} GB`,
    system: `${type()} ${release().split('-')[0]}`,
  };
}

/** The other Nodes that were named in MEANTIME_NODES, as binaries: `{ binary, version }`. */
export function otherNodes() {
  const binaries = (process.env.MEANTIME_NODES ?? '').split(delimiter).filter(Boolean);
  return binaries.map((binary) => {
    const version = said(binary, ['--version']);
    if (version === undefined) throw new Error(`MEANTIME_NODES names ${binary}, which is no Node that runs here`);
    return { binary, version: version.slice(1) };
  });
}

/** The versions of what is measured. */
export function versions() {
  const found = { Node: process.versions.node, meantime: read('../package.json')?.version, Python: python ?? 'not found' };
  const peers = Object.keys(read('package.json')?.devDependencies ?? {});
  for (const peer of peers) found[peer] = read(`node_modules/${peer}/package.json`)?.version ?? 'not installed';
  return found;
}

function read(path) {
  try {
    return JSON.parse(readFileSync(new URL(path, home), 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
