import type { Peer, Service } from '../hub/service.js';
import type { Broker } from './broker.js';
import type { LocalAccess } from './local-access.js';
import { Party } from './party.js';

/** A broker as the hub serves it: a party for each who reaches it. */
export class BrokerService implements Service {
  readonly asked = undefined;
  readonly access: LocalAccess;
  readonly #broker: Broker;

  constructor(access: LocalAccess) {
    this.access = access;
    this.#broker = access.broker;
  }

  opened(peer: Peer): void {
    peer.state = new Party(this.#broker, (message, size) => peer.tell(message, 0, size), peer.connection.account);
  }

  told(peer: Peer, body: unknown): void {
    (peer.state as Party).message(body as unknown[]);
  }

  closed(peer: Peer): void {
    (peer.state as Party).gone();
  }
}
