import { ConnectionClosedError, outside } from '../../core/index.js';
import { Gate } from '../connection/gate.js';
import { listenPrivately } from '../connection/socket-path.js';
import { HubConnection } from './hub-connection.js';
import type { Where } from './messages.js';
import { freshSecret, isSecret } from './secret.js';
import type { Service } from './service.js';
import { sweep } from './sweep.js';

/** How long a handshake with a hub may take, in ms: whoever has the address is of our own making. */
const HANDSHAKE = 10_000;

/** What lives in this thread and can be reached from other processes and threads. One for each thread, made when the first handle travels. */
class Hub {
  readonly #services = new Map<string, { readonly service: Service; readonly id: string }>();
  readonly #connections = new Set<HubConnection>();
  readonly #ids = new Map<Service, string>();
  #gate: Gate | undefined;
  #key: Uint8Array = new Uint8Array(0);
  #last = 0;

  /**
   * Makes a service reachable.
   *
   * @returns its id, always the same for one service: a number, and a secret without which nobody
   * opens it.
   */
  host(service: Service): string {
    let id = this.#ids.get(service);
    if (id === undefined) {
      const number = String(++this.#last);
      id = `${number}.${freshSecret()}`;
      this.#ids.set(service, id);
      this.#services.set(number, { service, id });
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
    const service = this.#find(id);
    if (service === undefined) return;
    this.#services.delete(numberOf(id));
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
    return this.isHere(where) ? this.#find(where[2]) : undefined;
  }

  isHere([path]: Where): boolean {
    return this.#gate !== undefined && this.#gate.path === path;
  }

  /** @internal The service of that id. @throws {ConnectionClosedError} the same one for what is gone and for a guess. */
  service(id: string): Service {
    const service = this.#find(id);
    if (service === undefined) throw new ConnectionClosedError(`What this handle stands for is gone from process ${process.pid}`);
    return service;
  }

  #find(id: unknown): Service | undefined {
    if (typeof id !== 'string') return undefined;
    const hosted = this.#services.get(numberOf(id));
    return hosted !== undefined && isSecret(id, hosted.id) ? hosted.service : undefined;
  }

  /** Closes the socket and all connections. For tests: a hub lives as long as its thread. */
  close(): void {
    this.#gate?.close(true);
    this.#gate = undefined;
  }

  #open(): void {
    const { randomBytes } = process.getBuiltinModule('node:crypto');
    this.#key = new Uint8Array(randomBytes(32));
    const gate = new Gate(this.#key, HANDSHAKE, {
      admitted: (socket, rest) => {
        const connection = new HubConnection(socket, this, () => this.#connections.delete(connection));
        this.#connections.add(connection);
        connection.start(rest);
      },
      refused: () => undefined, // nobody here waits for a stranger
    });
    gate.opened(listenPrivately(gate.server));
    this.#gate = gate;
    sweep();
  }
}

const numberOf = (id: string): string => id.slice(0, Math.max(0, id.indexOf('.')));

/** The hub of this thread. */
export const hub = new Hub();
export type { Hub };
