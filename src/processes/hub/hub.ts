import { outside, ResourceError } from '../../core/index.js';
import { Gate } from '../connection/gate.js';
import { listenPrivately } from '../connection/socket-path.js';
import { Account } from './account.js';
import { HubConnection } from './hub-connection.js';
import { Ids } from './ids.js';
import { nowhere, type Where } from './messages.js';
import type { Service } from './service.js';
import { sweep } from './sweep.js';
import { KEY_BYTES } from './where.js';

/** How long a handshake with a hub may take, in ms: whoever has the address is of our own making. */
const HANDSHAKE = 10_000;

/** Connections at a time: one for each process and thread that has anything from here. */
const MOST_CONNECTIONS = 1024;

/** What lives in this thread and can be reached from other processes and threads. One for each thread, made when the first handle travels. */
class Hub {
  readonly #services = new Ids<Service>();
  readonly #connections = new Set<HubConnection>();
  /** @internal What all of them have. */
  readonly account = new Account();
  readonly #ids = new Map<Service, string>();
  #gate: Gate | undefined;
  #key: Uint8Array = new Uint8Array(0);

  /**
   * Makes a service reachable.
   *
   * @returns its id, always the same for one service, without which nobody opens it.
   */
  host(service: Service): string {
    let id = this.#ids.get(service);
    if (id === undefined) {
      id = this.#services.add(service);
      this.#ids.set(service, id);
    }
    return id;
  }

  /** Ends a service, if it is hosted: channels to it are closed, with the error. */
  end(service: Service, error?: Error): void {
    const id = this.#ids.get(service);
    if (id !== undefined) this.unhost(id, error);
  }

  /** The same by its id. */
  unhost(id: string, error?: Error): void {
    const service = this.#services.get(id);
    if (service === undefined) return;
    this.#services.delete(id);
    this.#ids.delete(service);
    for (const connection of this.#connections) connection.closeAll(service, error);
  }

  /** Where others find a service: what a handle carries. The first call opens the socket. */
  where(id: string): Where {
    if (this.#gate === undefined) outside(() => this.#open());
    return [(this.#gate as unknown as Gate).path, this.#key, id];
  }

  /** The service itself, if that address is this hub's: then no socket is needed. */
  local(where: Where): Service | undefined {
    return this.isHere(where) ? this.#services.get(where[2]) : undefined;
  }

  isHere([path]: Where): boolean {
    return this.#gate !== undefined && this.#gate.path === path;
  }

  /**
   * @internal The service of that id.
   *
   * @throws {ConnectionClosedError} the same one for what is gone and for a guess.
   */
  service(id: string): Service {
    const service = this.#services.get(id);
    if (service === undefined) throw nowhere();
    return service;
  }

  /** Closes the socket and all connections. For tests: a hub lives as long as its thread. */
  close(): void {
    this.#gate?.close(true);
    this.#gate = undefined;
  }

  #open(): void {
    const { randomBytes } = process.getBuiltinModule('node:crypto');
    this.#key = new Uint8Array(randomBytes(KEY_BYTES));
    const gate = new Gate(this.#key, HANDSHAKE, {
      admitted: (socket, rest) => {
        const connection = new HubConnection(socket, this, () => this.#connections.delete(connection));
        connection.start(rest);
        if (this.#connections.size < MOST_CONNECTIONS) this.#connections.add(connection);
        else
          connection.refuse(
            new ResourceError(
              `${MOST_CONNECTIONS} processes and threads are connected to process ${process.pid}, and no more may be. Expected some to end first`,
            ),
          );
      },
      refused: () => undefined, // nobody here waits for a stranger
    });
    gate.opened(listenPrivately(gate.server));
    this.#gate = gate;
    sweep();
  }
}

/** The hub of this thread. */
export const hub = new Hub();
export type { Hub };
