import { Socket } from 'node:net';

const socket = new Socket({ fd: 3 });
socket.on('data', (chunk) => socket.write(chunk));
socket.on('end', () => process.exit());
