import type { Server, Socket } from 'node:net';
import { bare, ConnectionClosedError } from '../../core/index.js';
import { atExit } from './at-exit.js';
import { admit } from './handshake.js';
import type { Seal } from './seal.js';
import type { Bound } from './socket-path.js';

/**
 * Connections that have not proven themselves, at most. When there are more the oldest goes, so
 * that strangers who say nothing keep nobody out.
 */
const STRANGERS = 64;

/** What a gate tells. */
export interface GateEvents {
  /**
   * Somebody who knows the key.
   *
   * @param rest What it said already.
   * @param seal Makes the seal of its frames, once.
   */
  admitted(socket: Socket, rest: Buffer, seal: () => Seal): void;
  /** Somebody was turned away. */
  refused(error: Error): void;
}

/** A server that lets in who knows the key, and nobody else: nothing that a stranger says is read as a message. It never keeps the process alive. */
export class Gate {
  readonly server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #strangers = new Set<Socket>();
  readonly #overtaken = new WeakSet<Socket>();
  #bound: Bound | undefined;
  #stay: (() => void) | undefined;

  /** @param within How long a handshake may take, in ms. */
  constructor(key: Uint8Array, within: number, events: GateEvents) {
    const { createServer } = process.getBuiltinModule('node:net');
    this.server = createServer(bare({ pauseOnConnect: true }), (socket) => {
      for (const oldest of this.#strangers) {
        if (this.#strangers.size < STRANGERS) break;
        this.#strangers.delete(oldest);
        this.#overtaken.add(oldest);
        oldest.destroy();
      }
      socket.unref();
      this.#sockets.add(socket);
      this.#strangers.add(socket);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        this.#strangers.delete(socket);
      });
      socket.on('error', ignore); // 'close' follows; until it is let in nobody else listens
      admit(socket, key, within, (error, rest, seal) => {
        this.#strangers.delete(socket);
        if (error === undefined) events.admitted(socket, rest, seal);
        else {
          socket.destroySoon();
          events.refused(this.#overtaken.has(socket) ? overtaken() : error);
        }
      });
    });
    this.server.on('error', (error) => events.refused(error)); // who came could not be let in: too many files are open, perhaps
    this.server.unref();
  }

  /** Its files go when it closes, and when the process ends. */
  opened(bound: Bound): void {
    this.#bound = bound;
    this.#stay = atExit(bound.unlink);
  }

  get path(): string {
    return this.#bound?.path ?? '';
  }

  /** Lets nobody in any more. Who was let in stays, unless `all`. */
  close(all: boolean): void {
    for (const socket of all ? this.#sockets : this.#strangers) socket.destroy();
    this.server.close();
    if (this.#bound === undefined) return;
    this.#stay?.();
    this.#bound.unlink();
  }
}

const overtaken = (): Error => new ConnectionClosedError(`${STRANGERS} others came before this one had proven that it knows the key`);

function ignore(): void {}
