import { parentPort } from 'node:worker_threads';
import { increment, spin, work } from '../functions.mjs';

const functions = { increment, spin, work };

parentPort.on('message', ({ name, inputs }) => parentPort.postMessage(inputs.map((input) => functions[name](input))));
