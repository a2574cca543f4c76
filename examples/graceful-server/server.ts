// A server that ends in good order when the operating system asks it to (SIGTERM): it takes no more connections, finishes what it has begun, and exits with 0. What is
// not finished after GRACE ms is cancelled, and says so to its client.
//
// GET /work?ms=N answers after N ms of work. Started by main.ts; by hand:
//   node --import tsx examples/graceful-server/server.ts     and then, in another shell, kill -TERM and its pid

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { defer, Event, run, sleep, type TaskGroup, withTaskGroup, withTimeout } from 'meantime/tasks';

/** How long what has begun may still take, in ms. */
const GRACE = Number(process.env.GRACE ?? 5000);

/** Tells whoever started this, if it was a program. */
const tell = (message: object): void => void process.send?.(message);

/** One request. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
  tell({ begun: searchParams.get('id') });
  let [status, body] = [503, 'shutting down, ask again'];
  try {
    await sleep(Number(searchParams.get('ms'))); // the work
    [status, body] = [200, 'done'];
  } finally {
    // Also when it is cancelled: the client is not left without an answer. `end` waits for nothing, so no shield is needed.
    response.writeHead(status, { connection: 'close' }).end(body);
  }
}

async function serve(requests: TaskGroup): Promise<void> {
  const stopping = new Event();
  process.once('SIGTERM', () => stopping.set());

  const server = createServer((request, response) => {
    const task = requests.spawn(answer, request, response);
    // A client that hangs up ends the work for it. After an answer there is nothing left to cancel.
    response.once('close', () => task.cancel('the client has hung up'));
  });
  defer(() => server.close()); // whatever the way out: also after Ctrl-C
  await new Promise<void>((resolve) => server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', resolve));
  console.log(`listening on port ${(server.address() as AddressInfo).port}`);
  tell({ port: (server.address() as AddressInfo).port });

  await stopping.wait();
  const closed = new Event();
  server.close(() => closed.set()); // takes no more; calls back when the last connection has gone
  tell({ stopping: requests.tasks.length });
  console.log(`stopping: ${requests.tasks.length} requests to finish`);
  await withTimeout(GRACE, () => closed.wait()).catch(() => {
    console.log(`stopping: ${requests.tasks.length} requests have not finished in ${GRACE} ms`);
    requests.cancel('shutting down');
  });
}

await run(() => withTaskGroup(serve, { name: 'requests' }));
process.disconnect?.();
