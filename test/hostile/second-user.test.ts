import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { range, runJob } from 'meantime/batch';
import { folder, functions, meantime, notOnce, resultsIn } from '../cli-harness.js';

// A real second user in a folder like /tmp: everybody may put files there, and only their owners
// may take them away.

const skip = process.geteuid?.() === 0 ? false : 'only root can become another user';
const OTHER = 65_534;
const PRECIOUS = 'precious\n';
const swaps = fileURLToPath(new URL('../../../test/fixtures/hostile/swaps.mjs', import.meta.url));

/** A shared folder, and a file of ours beside it. */
function shared(t: Parameters<typeof folder>[0]): { dir: string; precious: string } {
  const top = folder(t);
  const [dir, precious] = [join(top, 'shared'), join(top, 'precious')];
  mkdirSync(dir);
  chmodSync(top, 0o755);
  chmodSync(dir, 0o1777);
  writeFileSync(precious, PRECIOUS, { mode: 0o600 });
  return { dir, precious };
}

const theirs = (path: string, text: string, mode = 0o666) => {
  writeFileSync(path, text);
  chmodSync(path, mode);
  chownSync(path, OTHER, OTHER);
};
const asOther = (dir: string, ...command: string[]) =>
  execFileSync(command[0], command.slice(1), { cwd: dir, uid: OTHER, gid: OTHER, stdio: 'pipe' });

interface Planted {
  plant(dir: string, precious: string): void;
  out?: string;
  /** Whether the run is refused: what has been planted would be written or believed. */
  refused: RegExp | undefined;
}

const another = /belongs to another user/;
const planted: Record<string, Planted> = {
  'an empty file for the results': { plant: (dir) => theirs(join(dir, 'r.jsonl'), ''), refused: another },
  'results that they made up': {
    plant: (dir) => theirs(join(dir, 'r.jsonl'), '{"index":0,"input":1,"status":"fulfilled","value":666}\n'),
    refused: another,
  },
  'a link to a file of ours': { plant: (dir, precious) => asOther(dir, 'ln', '-s', precious, 'r.jsonl'), refused: another },
  'a link to a file of ours that is not there yet': {
    plant: (dir, precious) => asOther(dir, 'ln', '-s', `${precious}.new`, 'r.jsonl'),
    refused: another,
  },
  'a named pipe for the results': { plant: (dir) => asOther(dir, 'mkfifo', 'r.jsonl'), refused: another },
  'a link in the place of a folder': {
    plant: (dir) => asOther(dir, 'ln', '-s', '..', 'sub'),
    out: 'sub/r.jsonl',
    refused: another,
  },
  'a journal that says what it likes': {
    plant: (dir) => theirs(join(dir, 'r.jsonl.journal'), '{"meantime":1,"function":"x#y","inputs":"range","state":"finished"}'),
    refused: another,
  },
  'a link for the journal': {
    plant: (dir, precious) => asOther(dir, 'ln', '-s', precious, 'r.jsonl.journal'),
    refused: /is a symbolic link/,
  },
  'links where temporary files of old were': {
    plant: (dir, precious) => {
      for (const name of ['r.jsonl.journal.new', 'r.jsonl.kept', 'r.jsonl.journal.tmp']) asOther(dir, 'ln', '-s', precious, name);
    },
    refused: undefined,
  },
};

for (const [name, { plant, out = 'r.jsonl', refused }] of Object.entries(planted)) {
  test(`another user has planted ${name} in a shared folder: nothing of ours goes there`, { skip }, async (t) => {
    for (const way of [[], ['--resume'], ['--force']]) {
      const { dir, precious } = shared(t);
      plant(dir, precious);
      const { code, stderr } = await meantime(['map', `${functions}#same`, '1', '2', '--on', 'tasks', '--out', out, '-q', ...way], {
        cwd: dir,
      });
      const forced = way.includes('--force') && /journal/.test(name); // which replaces the name, and nothing that it leads to
      if (refused === undefined || forced) assert.equal(code, 0, stderr);
      else {
        assert.equal(code, 2, `${way.join()} ${stderr}`);
        assert.match(stderr, refused);
      }
      assert.equal(readFileSync(precious, 'utf8'), PRECIOUS);
      assert.equal(existsSync(`${precious}.new`), false);
    }
  });
}

test('what this user, or the owner of the folder, has put there is used as anywhere', { skip }, async (t) => {
  const { dir } = shared(t);
  const args = ['map', `${functions}#same`, '1', '2', '--on', 'tasks', '--out', 'link', '-q'];
  symlinkSync('r.jsonl', join(dir, 'link'));
  assert.equal((await meantime(args, { cwd: dir })).code, 0);
  assert.equal((await meantime([...args, '--resume'], { cwd: dir })).code, 0);
  chownSync(dir, OTHER, OTHER);
  theirs(join(dir, 'r.jsonl'), '');
  rmSync(join(dir, 'r.jsonl.journal'));
  assert.equal((await meantime(args, { cwd: dir })).code, 0);
});

test('another user puts one thing after another under the name while runs begin: no line and no byte goes astray', { skip }, async (t) => {
  const { dir, precious } = shared(t);
  const out = join(dir, 'r.jsonl');
  const other = spawn(process.execPath, [swaps, 'r.jsonl', precious], {
    cwd: dir,
    uid: OTHER,
    gid: OTHER,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(async () => {
    other.kill('SIGKILL');
    await once(other, 'close');
  });
  await once(other.stdout, 'data');
  const ends = { written: 0, refused: 0 };
  for (let round = 0; round < 150; round++) {
    const ended = await runJob({ fn: (x: number) => x, source: range(1, 5), out, on: 'tasks', force: true }).catch((error) => error);
    if (ended.state === 'finished') {
      ends.written++;
      assert.equal(lstatSync(out).uid, 0);
      assert.deepEqual(notOnce(resultsIn(out), 5), []);
    } else {
      ends.refused++;
      assert.equal(ended.code, 'MEANTIME_OUTPUT', String(ended));
    }
    if (lstatSync(out, { throwIfNoEntry: false })?.uid === 0) rmSync(out);
    rmSync(`${out}.journal`, { force: true });
  }
  assert.equal(other.exitCode, null, 'it went on to the end');
  assert.equal(readFileSync(precious, 'utf8'), PRECIOUS);
  assert.equal(readFileSync(join(dir, 'mine'), 'utf8'), '', 'nothing of ours is in a file of theirs');
  assert.equal(existsSync(join(dir, 'nowhere')), false);
  t.diagnostic(JSON.stringify(ends));
  assert.ok(ends.refused > 0, 'nothing was ever in the way: the test has tested nothing');
});

test('a lock that another user has taken on a file of ours is told as what it is', {
  skip: skip || (spawnSync('flock', ['--version']).error ? 'there is no command flock' : false),
}, async (t) => {
  const { dir } = shared(t);
  const args = ['map', `${functions}#same`, '1', '2', '--on', 'tasks', '--out', 'r.jsonl', '-q'];
  assert.equal((await meantime(args, { cwd: dir })).code, 0);
  const holder = spawn('sh', ['-c', 'exec 9< r.jsonl; flock -x 9; echo up; exec sleep 600'], {
    cwd: dir,
    uid: OTHER,
    gid: OTHER,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  const { code, stderr } = await meantime([...args, '--resume'], { cwd: dir });
  holder.kill('SIGKILL');
  await once(holder, 'close');
  assert.equal(code, 2);
  assert.match(stderr, /r\.jsonl is being written by (?:another )?process/);
});
