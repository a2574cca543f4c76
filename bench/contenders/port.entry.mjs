import { parentPort } from 'node:worker_threads';

parentPort.once('message', ({ port, moved }) => {
  port.on('message', moved ? (bytes) => port.postMessage(bytes, [bytes.buffer]) : (value) => port.postMessage(value));
});
