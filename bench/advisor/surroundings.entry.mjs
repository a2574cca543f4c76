// What the labelled functions need around them, in a process of its own: files in a folder, a server and a name server that answer late. Its first line says where
// they are, as JSON. When its starter is gone, however that came, the folder goes too.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { records, textBytes } from './workloads/data.mjs';

/** How long a name takes, in ms. */
const NAME_LATENCY = 15;

const folder = mkdtempSync(join(process.env.WORKLOADS_TMP ?? tmpdir(), 'meantime-workloads-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
process.stdin.resume().on('end', () => process.exit());
process.stdout.on('error', () => process.exit());
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit());

writeFileSync(join(folder, 'large'), textBytes(16 * 1024 * 1024));
writeFileSync(join(folder, 'middle'), textBytes(4 * 1024 * 1024));
for (let i = 0; i < 12; i++) {
  const place = join(folder, 'tree', `d${i}`);
  mkdirSync(place, { recursive: true });
  for (let k = 0; k < 20; k++) writeFileSync(join(place, `f${k}`), `${i} ${k}`);
}

const bodies = new Map();
function bodyOf(n) {
  if (!bodies.has(n)) bodies.set(n, Buffer.from(JSON.stringify(records(n))));
  return bodies.get(n);
}

// GET /wait/MS, and GET /records/N/MS.
const server = createServer((request, response) => {
  const [, what, ...numbers] = request.url.split('/');
  request.resume();
  setTimeout(() => response.end(what === 'records' ? bodyOf(Number(numbers[0])) : 'done'), Number(numbers.at(-1)));
});

/** The answer to a question for an address: 127.0.0.1, whatever the name. */
function answerTo(query) {
  const question = query.subarray(12, query.indexOf(0, 12) + 5);
  const header = Buffer.from([query[0], query[1], 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]);
  const record = Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, 127, 0, 0, 1]);
  return Buffer.concat([header, question, record]);
}

const names = createSocket('udp4', (query, { port, address }) => {
  const answer = answerTo(query);
  setTimeout(() => names.send(answer, port, address), NAME_LATENCY);
});

server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 });
names.bind(0, '127.0.0.1');
await Promise.all([once(server, 'listening'), once(names, 'listening')]);
process.stdout.write(`${JSON.stringify({ folder, http: server.address().port, dns: names.address().port })}\n`);
