// A shop with 200 products and slow shelves: GET /products/N answers after 20 to 60 ms. Every 20th product is out of reach at the first try.
import { createServer } from 'node:http';
import { setTimeout as after } from 'node:timers/promises';

/** Starts it on a free loopback port. */
export async function startServer() {
  const tried = new Set();
  const seen = { requests: 0, open: 0, most: 0, waited: 0 };

  const server = createServer(async (request, response) => {
    const id = Number(/^\/products\/(\d+)$/.exec(request.url)?.[1]);
    seen.requests++;
    seen.most = Math.max(seen.most, ++seen.open);
    const latency = 20 + ((id * 7) % 41);
    seen.waited += latency;
    await after(latency);
    seen.open--;
    const first = !tried.has(id);
    tried.add(id);
    if (id % 20 === 0 && first) response.writeHead(503).end('Come back later');
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ id, price: id * 3 }));
  });

  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    seen,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
