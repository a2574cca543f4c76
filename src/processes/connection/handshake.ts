import type { Socket } from 'node:net';
import { AuthenticationError, ConnectionClosedError, clock, TimeoutError, WireError } from '../../core/index.js';

/*
 * Both sides prove that they know the key before either reads a message. Three pieces of fixed length, so nothing longer is ever kept:
 *
 *   server -> client   HELLO, 32 random bytes S
 *   client -> server   HELLO, 32 random bytes C, HMAC-SHA256(key, "client", S, C)
 *   server -> client   1, HMAC-SHA256(key, "server", S, C); or 0 and nothing of use
 *
 * The role is in what is signed: what one side has said cannot be sent back to it as the other's answer. Both random parts are, so an old answer is of no use.
 */

const HELLO = Buffer.from('meantim1');
const NONCE = 32;
const MAC = 32;
const REPLY = HELLO.length + NONCE + MAC;
const VERDICT = 1 + MAC;

/** What becomes of a handshake. @param rest What the other side sent after it. */
export type Done = (error: Error | undefined, rest: Buffer) => void;

/** The side that listens. @param within How long it may take, in ms. */
export function admit(socket: Socket, key: Uint8Array, within: number, done: Done): void {
  const { randomBytes, timingSafeEqual } = process.getBuiltinModule('node:crypto');
  const ours = randomBytes(NONCE);
  exchange(socket, REPLY, within, done, (reply, rest) => {
    if (rest.length > 0) return new WireError('The other side went on before it was let in');
    const theirs = reply.subarray(HELLO.length, HELLO.length + NONCE);
    const right = timingSafeEqual(reply.subarray(REPLY - MAC), sign(key, 'client', ours, theirs));
    const verdict = Buffer.alloc(VERDICT);
    if (right) {
      verdict[0] = 1;
      sign(key, 'server', ours, theirs).copy(verdict, 1);
    }
    socket.write(verdict);
    return right ? undefined : new AuthenticationError('The other side does not know the key');
  });
  socket.write(Buffer.concat([HELLO, ours]));
}

/** The side that connects. @param within How long it may take, in ms. */
export function introduce(socket: Socket, key: Uint8Array, within: number, done: Done): void {
  const { randomBytes, timingSafeEqual } = process.getBuiltinModule('node:crypto');
  const ours = randomBytes(NONCE);
  exchange(socket, HELLO.length + NONCE, within, done, (hello, rest) => {
    if (rest.length > 0) return new WireError('The other side went on before it was answered');
    const theirs = Buffer.from(hello.subarray(HELLO.length));
    exchange(socket, VERDICT, within, done, (verdict) => {
      if (verdict[0] !== 1) return new AuthenticationError('The listener did not accept the key');
      if (timingSafeEqual(verdict.subarray(1), sign(key, 'server', theirs, ours))) return undefined;
      return new AuthenticationError('The listener does not know the key');
    });
    socket.write(Buffer.concat([HELLO, ours, sign(key, 'client', theirs, ours)]));
    return 'more';
  });
}

function sign(key: Uint8Array, role: 'client' | 'server', server: Uint8Array, client: Uint8Array): Buffer {
  const { createHmac } = process.getBuiltinModule('node:crypto');
  return createHmac('sha256', key).update(`meantime 1 ${role}\0`).update(server).update(client).digest();
}

/** Waits for one piece of a fixed length. `check` says what is wrong with it; or that more is to come, for which it has waited itself. */
function exchange(
  socket: Socket,
  length: number,
  within: number,
  done: Done,
  check: (piece: Buffer, rest: Buffer) => Error | undefined | 'more',
): void {
  let got = Buffer.alloc(0);
  const finish = (error: Error | undefined, rest: Buffer) => {
    stop();
    done(error, rest);
  };
  const fail = (error: Error) => finish(error, got);
  const data = (chunk: Buffer) => {
    // Behind the last piece come messages, and all of them are wanted; behind the others nothing may come.
    got = Buffer.concat([got, length === VERDICT ? chunk : chunk.subarray(0, length + 1)]);
    // Whether it is one of us can be told from the first bytes, but for the last piece, which has no greeting.
    const greeting = length === VERDICT ? 0 : Math.min(got.length, HELLO.length);
    if (got.compare(HELLO, 0, greeting, 0, greeting) !== 0) return fail(new WireError('What came is not the greeting of a Meantime peer'));
    if (got.length < length) return;
    stop();
    const piece = got.subarray(0, length);
    const rest = got.subarray(length);
    const verdict = check(piece, rest);
    if (verdict !== 'more') done(verdict, rest);
  };
  const ended = () => {
    fail(
      got.length > 0 && got.length < length
        ? new WireError(`The stream ended in the middle of the handshake, after ${got.length} of ${length} bytes`)
        : new ConnectionClosedError('The other side closed the connection before the handshake was over'),
    );
  };
  const timer = clock.after(within, () => fail(new TimeoutError(`The handshake was not over after ${within} ms`)), true);
  const stop = () => {
    timer.cancel();
    socket.off('data', data);
    socket.off('end', ended);
    socket.off('close', ended);
    socket.pause(); // until somebody else listens: 'data' must not be lost
  };
  socket.on('data', data);
  socket.on('end', ended);
  socket.on('close', ended);
  socket.resume();
}
