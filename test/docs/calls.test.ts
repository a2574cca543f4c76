// Every call that a page shows in its text, in its tables or in a fence that is not run is one that the types allow. The other examples are run:
// see scripts/doctest.mjs.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { callsOn, fencesOn, type Scene, typeErrors } from './calls.js';
import { root } from './page.js';

const doors = ['meantime', 'meantime/tasks', 'meantime/threads', 'meantime/processes', 'meantime/futures', 'meantime/testing'];
const exported = new Map(await Promise.all(doors.map(async (door) => [door, Object.keys(await import(door))] as const)));

/** What instances are called on the pages, and what they are, by the door that a page is about. */
const things: Record<string, Record<string, string>> = {
  'meantime/processes': {
    child: 'Process<any>',
    pool: 'ProcessPoolExecutor',
    lock: 'ProcessLock',
    guard: 'ProcessGuard',
    condition: 'ProcessCondition',
    conditionGuard: 'ProcessConditionGuard',
    semaphore: 'ProcessSemaphore',
    event: 'ProcessEvent',
    barrier: 'ProcessBarrier',
    queue: 'ProcessQueue<any>',
    connection: 'Connection<any>',
    listener: 'Listener',
    block: 'SharedMemory',
    manager: 'Manager',
  },
  'meantime/threads': {
    thread: 'Thread<any>',
    timer: 'Timer',
    lock: 'SharedLock',
    reentrant: 'SharedReentrantLock',
    condition: 'SharedCondition',
    semaphore: 'SharedSemaphore',
    event: 'SharedEvent',
    barrier: 'SharedBarrier',
    queue: 'SharedQueue<any>',
    pool: 'ThreadPoolExecutor',
  },
  'meantime/tasks': {
    group: 'TaskGroup',
    lock: 'Lock',
    semaphore: 'Semaphore',
    event: 'Event',
    barrier: 'Barrier',
    queue: 'Queue<any>',
    condition: 'Condition',
    task: 'Task<any>',
    executor: 'TaskExecutor',
    pool: 'TaskExecutor',
    limiter: 'RateLimiter',
  },
};

const main: Record<string, string> = {
  'docs/from-multiprocessing.md': 'meantime/processes',
  'docs/from-threading.md': 'meantime/threads',
  'docs/from-asyncio.md': 'meantime/tasks',
  'docs/from-p-limit.md': 'meantime/tasks',
};
const folderDoor = (path: string): string | undefined => doors.find((door) => path.startsWith(`src/${door.slice('meantime/'.length)}/`));
const mainOf = (path: string): string => main[path] ?? folderDoor(path) ?? 'meantime';
const nearest = (path: string): string[] => [...new Set([mainOf(path), ...doors])];

function sceneOf(path: string): Scene {
  const order = nearest(path);
  const declared = new Set<string>();
  const lines: string[] = [];
  for (const [i, door] of order.entries()) {
    for (const [name, type] of Object.entries(i === 0 ? (things[door] ?? {}) : {})) {
      declared.add(name);
      lines.push(`declare const ${name}: d${i}.${type};`);
    }
    const fresh = (exported.get(door) ?? []).filter((name) => !declared.has(name));
    for (const name of fresh) declared.add(name);
    lines.push(`import { ${fresh.join(', ')} } from '${door}';`);
  }
  return { doors: order, declarations: lines.join('\n') };
}

const pages = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'examples/README.md'];
for (const folder of ['docs', 'src']) {
  for (const name of readdirSync(join(root, folder), { recursive: true }) as string[])
    if (name.endsWith('.md') && !name.includes('decisions')) pages.push(`${folder}/${name}`);
}

test('every call that a page shows is one that the types allow', (t) => {
  const calls = pages.flatMap((path) => {
    const ours = new Set([...exported.values()].flat().concat(Object.keys(things[mainOf(path)] ?? {})));
    const text = readFileSync(join(root, path), 'utf8');
    return [...callsOn(path, text, (name) => ours.has(name)), ...fencesOn(path, text)];
  });
  t.diagnostic(`${calls.length} calls on ${pages.length} pages`);
  assert.ok(calls.length > 200, `${calls.length} calls were found`);
  assert.deepEqual(typeErrors(calls, sceneOf), []);
});

test('a call that the types do not allow is found', () => {
  const wrong = [
    'isMain(7)',
    'queue.putt(item)',
    'new ProcessQueue({ capacity })',
    'lock.acquire({ timeuot })',
    'pipe(1)',
    'manager.nosuch()',
  ];
  const right = ['isMain(import.meta)', 'isMain(import.meta.url)', 'await queue.get({ timeout })', 'child.join(timeout?)', 'pipe()'];
  const path = 'docs/from-multiprocessing.md';
  const calls = [...wrong, ...right].map((code, i) => ({ where: `${path}:${i + 1}`, code }));
  assert.equal(typeErrors(calls, sceneOf).length, wrong.length);
});
