import { createServer } from 'node:http';

// Answers GET /wait/N after N ms. On its own clock it notes from the first request it saw to the last answer it gave; GET /span gives
// that and starts anew.
let first;
let last;
let served = 0;
let open = 0;
let most = 0;

const server = createServer((request, response) => {
  if (request.url === '/span') {
    response.end(JSON.stringify({ ms: last - first, served, most }));
    first = last = undefined;
    served = most = 0;
    return;
  }
  first ??= performance.now();
  most = Math.max(most, ++open);
  setTimeout(
    () => {
      response.end('done', () => {
        last = performance.now();
        served++;
        open--;
      });
    },
    Number(request.url.split('/')[2]),
  );
});

server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
process.stdin.resume().on('end', () => process.exit()); // its starter is gone
