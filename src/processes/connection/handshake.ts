import type { Socket } from 'node:net';
import { AuthenticationError, ConnectionClosedError, clock, InternalError, TimeoutError, WireError } from '../../core/index.js';
import { Seal } from './seal.js';

/*
 * Both sides prove that they know the key before either reads a message. Three pieces of fixed length, so nothing longer is ever kept:
 *
 *   server -> client   HELLO, 32 random bytes S
 *   client -> server   HELLO, 32 random bytes C, HMAC-SHA256(key, "client", S, C)
 *   server -> client   1, HMAC-SHA256(key, "server", S, C); or 0 and nothing of use
 *
 * The role is in what is signed: what one side has said cannot be sent back to it as the other's answer. Both random parts are, so an old answer is of no use.
 *
 * The last character of HELLO is the version of all that is said on such a connection. With the
 * same key and random parts, under names of their own, the keys are made with which frames are
 * sealed (`seal.ts`).
 */

const HELLO = Buffer.from('meantim2');
const VERSION = HELLO.length - 1;
const NONCE = 32;
const MAC = 32;
const REPLY = HELLO.length + NONCE + MAC;
const VERDICT = 1 + MAC;

/**
 * The outcome of a handshake.
 *
 * @param rest What the other side sent after it.
 * @param seal Makes the seal of this side's frames; once, and not after an error.
 */
export type Done = (error: Error | undefined, rest: Buffer, seal: () => Seal) => void;

/** The side that listens. @param within How long it may take, in ms. */
export function admit(socket: Socket, key: Uint8Array, within: number, done: Done): void {
  const { randomBytes, timingSafeEqual } = process.getBuiltinModule('node:crypto');
  const ours = randomBytes(NONCE);
  exchange(socket, REPLY, within, done, (reply, rest) => {
    if (rest.length > 0) return new WireError('The other side went on before it was let in');
    const theirs = Buffer.from(reply.subarray(HELLO.length, HELLO.length + NONCE));
    const right = timingSafeEqual(reply.subarray(REPLY - MAC), sign(key, 'client', ours, theirs));
    const verdict = Buffer.alloc(VERDICT);
    if (right) {
      verdict[0] = 1;
      sign(key, 'server', ours, theirs).copy(verdict, 1);
    }
    socket.write(verdict);
    if (!right) return new AuthenticationError('The other side does not know the key');
    return () => new Seal(sign(key, 'frames of server', ours, theirs), sign(key, 'frames of client', ours, theirs));
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
      if (!timingSafeEqual(verdict.subarray(1), sign(key, 'server', theirs, ours)))
        return new AuthenticationError('The listener does not know the key');
      return () => new Seal(sign(key, 'frames of client', theirs, ours), sign(key, 'frames of server', theirs, ours));
    });
    socket.write(Buffer.concat([HELLO, ours, sign(key, 'client', theirs, ours)]));
    return 'more';
  });
}

type Role = 'client' | 'server' | 'frames of client' | 'frames of server';

function sign(key: Uint8Array, role: Role, server: Uint8Array, client: Uint8Array): Buffer {
  const { createHmac } = process.getBuiltinModule('node:crypto');
  return createHmac('sha256', key).update(`meantime 2 ${role}\0`).update(server).update(client).digest();
}

const noSeal = (): never => {
  throw new InternalError('a seal for a handshake that failed');
};

/** The error for a greeting other than the one that is spoken here. */
function notOurs(got: Buffer): string {
  if (got.length <= VERSION || !HELLO.subarray(0, VERSION).equals(got.subarray(0, VERSION)))
    return 'What came is not the greeting of a Meantime peer';
  const theirs = String.fromCharCode(got[VERSION]);
  if (!/[0-9a-z]/.test(theirs)) return 'What came is not the greeting of a Meantime peer';
  return `The other side speaks version ${theirs} of Meantime's connections, and this one version ${String.fromCharCode(HELLO[VERSION])}. Both sides must run the same version of Meantime`;
}

/**
 * Waits for one piece of a fixed length. `check` says what is wrong with it, or how frames are
 * sealed; or that more is to come, for which it has waited itself.
 */
function exchange(
  socket: Socket,
  length: number,
  within: number,
  done: Done,
  check: (piece: Buffer, rest: Buffer) => Error | (() => Seal) | 'more',
): void {
  let got = Buffer.alloc(0);
  const fail = (error: Error) => {
    stop();
    done(error, got, noSeal);
  };
  const data = (chunk: Buffer) => {
    // Behind the last piece come messages, and all of them are wanted; behind the others nothing may come.
    got = Buffer.concat([got, length === VERDICT ? chunk : chunk.subarray(0, length + 1)]);
    // Whether it is one of us can be told from the first bytes, but for the last piece, which has no greeting.
    const greeting = length === VERDICT ? 0 : Math.min(got.length, HELLO.length);
    if (got.compare(HELLO, 0, greeting, 0, greeting) !== 0) return fail(new WireError(notOurs(got)));
    if (got.length < length) return;
    stop();
    const piece = got.subarray(0, length);
    const rest = got.subarray(length);
    const verdict = check(piece, rest);
    if (verdict instanceof Error) done(verdict, rest, noSeal);
    else if (verdict !== 'more') done(undefined, rest, verdict);
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
