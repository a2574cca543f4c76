import { ConnectionClosedError, outside } from '../../core/index.js';
import { Gate } from '../connection/gate.js';
import { listenPrivately } from '../connection/socket-path.js';
import { HubConnection } from './hub-connection.js';
import type { Where } from './messages.js';
import type { Service } from './service.js';
import { sweep } from './sweep.js';

/** How long a handshake with a hub may take, in ms: whoever has the address is of our own making. */
const HANDSHAKE = 10_000;

/** What lives in this thread and can be reached from other processes and threads. One for each thread, made when the first handle travels. */
class Hub {
  readonly #services = new Map<number, Service>();
  readonly #connections = new Set<HubConnection>();
  readonly #ids = new Map<Service, number>();
  #gate: Gate | undefined;
  #key: Uint8Array = new Uint8Array(0);
  #last = 0;

  /** Makes a service reachable. @returns its number, always the same for one service. */
  host(service: Service): number {
    let id = this.#ids.get(service);
    if (id === undefined) {
      id = ++this.#last;
      this.#ids.set(service, id);
      this.#services.set(id, service);
    }
    return id;
  }

  /** Ends a service, if it is hosted: channels to it are closed, with the error. */
  end(service: Service, error?: Error): void {
    const id = this.#ids.get(service);
    if (id !== undefined) this.unhost(id, error);
  }

  /** The same by its number. */
  unhost(id: number, error?: Error): void {
    const service = this.#services.get(id);
    if (service === undefined) return;
    this.#services.delete(id);
    this.#ids.delete(service);
    for (const connection of this.#connections) connection.closeAll(service, error);
  }

  /** Where others find a service: what a handle carries. The first call opens the socket. */
  where(id: number): Where {
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

  /** @internal The service of that number. @throws {ConnectionClosedError} */
  service(id: number): Service {
    const service = this.#services.get(id);
    if (service === undefined) throw new ConnectionClosedError(`What this handle stands for (${id}) is gone from process ${process.pid}`);
    return service;
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

/** The hub of this thread. */
export const hub = new Hub();
export type { Hub };
