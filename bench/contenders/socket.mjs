import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const entry = fileURLToPath(new URL('socket.entry.mjs', import.meta.url));
const LENGTH = 16;

function connect() {
  const child = spawn(process.execPath, [entry], { stdio: ['ignore', 'inherit', 'inherit', 'pipe'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const socket = child.stdio[3];
  const close = () => {
    socket.end();
    return ended;
  };
  return { socket, close };
}

/** The limit of a process: 16 bytes there and back over an inherited socket pair. */
export async function open() {
  const { socket, close } = connect();
  let resolve;
  socket.on('data', () => resolve());
  const bytes = Buffer.alloc(LENGTH);
  return {
    tiny: () => {
      socket.write(bytes);
      return new Promise((settled) => {
        resolve = settled;
      });
    },
    close,
  };
}

/** Counts what comes back while `inFlight` messages of 16 bytes are kept under way, one write each, over `workers` sockets. */
export async function flood({ workers = 2, inFlight, ms }) {
  const ends = Array.from({ length: workers }, connect);
  const bytes = Buffer.alloc(LENGTH);
  let seen = 0;
  let from = 0;
  let start = 0;
  await new Promise((resolve) => {
    const opened = performance.now();
    for (const { socket } of ends) {
      let left = 0;
      socket.on('data', (chunk) => {
        left += chunk.length;
        for (; left >= LENGTH; left -= LENGTH, seen++) socket.write(bytes);
        const now = performance.now();
        if (start === 0 && now - opened > ms / 2) [start, from] = [now, seen];
        else if (start !== 0 && now - start > ms) resolve();
      });
      for (let i = 0; i < inFlight / workers; i++) socket.write(bytes);
    }
  });
  const perSecond = ((seen - from) / (performance.now() - start)) * 1000;
  for (const { socket } of ends) socket.removeAllListeners('data').resume();
  await Promise.all(ends.map(({ close }) => close()));
  return { perSecond };
}
