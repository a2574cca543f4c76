import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import {
  currentSignal,
  failuresOf,
  gather,
  now,
  RateLimiter,
  race,
  retry,
  run,
  sleep,
  withCancelScope,
  withTaskGroup,
  withTimeout,
} from 'meantime/tasks';

/** A server on a free port for as long as `fn` runs. */
async function serving(handle: (req: IncomingMessage, res: ServerResponse) => void, fn: (url: string) => Promise<void>): Promise<void> {
  const server = createServer(handle).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await fn(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
}
const get = async (url: string) => {
  const response = await fetch(url, { signal: currentSignal(), headers: { connection: 'close' } });
  if (!response.ok) throw new Error(`${response.status}`);
  return response;
};

test("race: the loser's request is aborted, and the winner's body can still be read", async () => {
  let aborted: (() => void) | undefined;
  const loserGone = new Promise<void>((resolve) => {
    aborted = resolve;
  });
  const handle = (req: IncomingMessage, res: ServerResponse) => {
    if (req.url === '/slow') {
      req.once('close', () => aborted?.());
      return;
    }
    res.write('first half, ');
    void loserGone.then(() => res.end('second half'));
  };
  await serving(handle, async (url) => {
    const response = await run(() => race([() => get(`${url}/slow`), () => get(`${url}/quick`)]));
    await loserGone;
    assert.equal(await response.text(), 'first half, second half');
  });
});

test('gather: a request that fails aborts those that are under way', async () => {
  let open = 0;
  const waiting: (() => void)[] = [];
  const handle = (req: IncomingMessage, res: ServerResponse) => {
    if (req.url === '/broken') {
      // Only when the others are here, so that there is something to abort.
      const answer = () => res.writeHead(500).end();
      if (open === 2) answer();
      else waiting.push(answer);
      return;
    }
    open++;
    if (open === 2) for (const answer of waiting) answer();
    req.once('close', () => open--);
  };
  await serving(handle, async (url) => {
    await assert.rejects(gather(['/a', '/b', '/broken'].map((path) => () => get(url + path))), { message: '500' });
    // The sockets close a moment later.
    while (open > 0) await new Promise((resolve) => setImmediate(resolve));
  });
});

test('retry: until the server is well, with what it says about when', async () => {
  let calls = 0;
  const handle = (_req: IncomingMessage, res: ServerResponse) => {
    calls++;
    if (calls < 3) res.writeHead(503, { 'retry-after': '0.02' }).end();
    else res.end('well');
  };
  class Unavailable extends Error {
    readonly after: number;

    constructor(response: Response) {
      super(`${response.status}`);
      this.after = Number(response.headers.get('retry-after')) * 1000;
    }
  }
  await serving(handle, async (url) => {
    const load = async () => {
      const response = await fetch(url, { signal: currentSignal(), headers: { connection: 'close' } });
      if (response.status === 503) throw new Unavailable(response);
      return response.text();
    };
    const waits: number[] = [];
    const began = now();
    const text = await retry(load, {
      when: (error) => error instanceof Unavailable,
      delay: (error) => (error as Unavailable).after,
      onRetry: (_error, _attempt, delay) => void waits.push(delay),
    });
    assert.equal(text, 'well');
    assert.deepEqual(waits, [20, 20]);
    assert.ok(now() - began >= 40);
  });
});

test('retry: a request that hangs is aborted by the timeout of its attempt', async () => {
  let calls = 0;
  const handle = (_req: IncomingMessage, res: ServerResponse) => {
    if (++calls === 2) res.end('at last');
  };
  await serving(handle, async (url) => {
    const errors: unknown[] = [];
    const load = async () => (await get(url)).text();
    const onRetry = (error: unknown) => void errors.push((error as Error).name);
    assert.equal(await retry(load, { timeout: 100, delay: 0, onRetry }), 'at last');
    assert.deepEqual(errors, ['TimeoutError']);
  });
});

test('retry: without a wait it does not starve timers, and a time limit ends it', async () => {
  const fn = () => {
    throw new Error('again');
  };
  const again = () => retry(fn, { attempts: Number.POSITIVE_INFINITY, delay: 0 });
  let ticks = 0;
  const timer = setInterval(() => ticks++, 5);
  try {
    await assert.rejects(withTimeout(60, again), { name: 'TimeoutError' });
  } finally {
    clearInterval(timer);
  }
  assert.ok(ticks >= 2, `${ticks} ticks`);
  const error = await retry(fn, { attempts: 5, delay: 0 }).catch((error: unknown) => error);
  assert.equal(failuresOf(error).length, 5);
});

test('RateLimiter: on the real clock, never too early', async () => {
  const limiter = new RateLimiter([
    { limit: 5, per: 40, window: 'sliding' },
    { limit: 1, per: 3, burst: 1 },
  ]);
  const began = now();
  const at: number[] = [];
  await withTaskGroup(async (group) => {
    for (let i = 0; i < 20; i++) {
      group.spawn(async () => {
        await limiter.acquire();
        at.push(now() - began);
      });
    }
  });
  // Each looks at the clock after it has passed: later, if this machine is busy, but never before.
  for (const [i, ms] of at.entries()) assert.ok(ms >= Math.max(3 * i, 40 * Math.floor(i / 5)), `number ${i} after ${ms} ms`);
  assert.equal(at.length, 20);
});

test('a limiter that nobody waits for any more keeps no timer', async () => {
  const limiter = new RateLimiter({ limit: 1, per: 1e9 });
  await limiter.acquire();
  await withCancelScope(async (scope) => {
    setImmediate(() => scope.cancel());
    await limiter.acquire();
  });
  assert.equal(limiter.waiting, 0);
  await sleep(1);
  assert.deepEqual(
    process.getActiveResourcesInfo().filter((name) => name === 'Timeout'),
    [],
  );
});
