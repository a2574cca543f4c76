// A site with slow pages: GET /pages/N answers after 40 to 160 ms.
import { createServer } from 'node:http';

/** Starts it on a free loopback port, and gives its address. It runs until its process ends. */
export async function serve() {
  const server = createServer((request, response) => {
    const id = Number(/^\/pages\/(\d+)$/.exec(request.url)?.[1]);
    const page = `<html><title>Page ${id}</title><body>${'slowly '.repeat(200)}</body></html>`;
    setTimeout(() => response.writeHead(200, { 'content-type': 'text/html' }).end(page), 40 + ((id * 37) % 121));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${server.address().port}`;
}
