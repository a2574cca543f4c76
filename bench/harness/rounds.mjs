import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { canPin, python } from './machine.mjs';
import { Samples } from './stats.mjs';

const child = fileURLToPath(new URL('child.mjs', import.meta.url));
const scripts = fileURLToPath(new URL('../python/', import.meta.url));

/** A contender that is not here: a row says so, and the run goes on. */
class Absent extends Error {}

/** The command line of one contender: a child of this Node or of another, or a Python script, pinned to one core or not. */
function commandOf({ contender, measure, script, params = {}, pin, flags = [], node = process.execPath }) {
  const json = JSON.stringify(params);
  const words = script ? ['python3', `${scripts}${script}.py`, json] : [node, ...flags, child, contender, measure, json];
  return pin ? ['taskset', '-c', '0', ...words] : words;
}

function result(spec) {
  if (spec.script && python === undefined) return Promise.reject(new Absent('python3 not found'));
  if (spec.pin && !canPin) return Promise.reject(new Absent('taskset not found'));
  const [command, ...args] = commandOf(spec);
  return new Promise((resolve, reject) => {
    const { NODE_OPTIONS: _, ...env } = process.env;
    const run = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env, timeout: spec.limit ?? 120_000, killSignal: 'SIGKILL' });
    let out = '';
    let err = '';
    run.stdout.setEncoding('utf8').on('data', (text) => {
      out += text;
    });
    run.stderr.setEncoding('utf8').on('data', (text) => {
      err += text;
    });
    run.on('error', reject);
    run.on('close', (code, signal) => {
      const missing = /Cannot find package '([^']+)'/.exec(err);
      if (code === 0) resolve(JSON.parse(out.trimEnd().split('\n').at(-1)));
      else if (missing?.[1]) reject(new Absent(`${missing[1]} not installed`));
      else reject(new Error(`${spec.id} ended with ${signal ?? code}\n${err.trim() || out.trim()}`));
    });
  });
}

/**
 * Runs the contenders of a case in turn, round after round (A B C, A B C, …), each in a process of its own. One that fails is
 * left out from then on, and its failure is kept.
 */
export async function runRounds(contenders, rounds, onStep) {
  const samples = Object.fromEntries(contenders.map(({ id }) => [id, []]));
  const failures = {};
  for (let round = 0; round < rounds; round++) {
    for (const spec of contenders) {
      if (failures[spec.id] || round >= (spec.rounds ?? rounds)) continue;
      onStep(`round ${round + 1} of ${rounds}: ${spec.id}`);
      try {
        samples[spec.id][round] = await result(spec);
      } catch (error) {
        failures[spec.id] = { absent: error instanceof Absent, message: error.message };
      }
    }
  }
  return new Samples(samples, failures);
}
