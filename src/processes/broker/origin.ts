import { bare } from '../../core/index.js';
import { hub } from '../hub/hub.js';
import type { Where } from '../hub/messages.js';
import type { Access } from './access.js';
import type { Broker } from './broker.js';
import { BrokerService } from './broker-service.js';
import { LocalAccess } from './local-access.js';
import { RemoteAccess } from './remote-access.js';

/** Where an object lives, and the way to it. */
export interface Origin {
  readonly access: Access;
  /** What goes into its parcel. */
  where(): Where;
  end(): void;
}

/** An object that this thread makes. It is reachable from elsewhere from the moment on that a handle of it travels. */
export class Here implements Origin {
  readonly access: LocalAccess;
  readonly #service: BrokerService;
  #isHosted = false;

  constructor(of: Broker | BrokerService) {
    this.#isHosted = of instanceof BrokerService;
    this.#service = of instanceof BrokerService ? of : new BrokerService(new LocalAccess(of));
    this.access = this.#service.access;
  }

  where(): Where {
    if (this.access.gone !== undefined) throw this.access.gone;
    this.#isHosted = true;
    return hub.where(hub.host(this.#service));
  }

  end(): void {
    this.access.end();
    if (this.#isHosted) hub.unhost(hub.host(this.#service), this.access.gone);
    this.#isHosted = false;
  }
}

/** An object of another process or thread. */
class There implements Origin {
  readonly access: RemoteAccess;
  readonly #where: Where;

  constructor(where: Where) {
    this.#where = where;
    this.access = RemoteAccess.to(where);
  }

  where(): Where {
    return this.#where;
  }

  end(): void {
    this.access.end();
  }
}

/** An object of this thread that is no more. */
class Nowhere implements Origin {
  readonly access: LocalAccess;
  readonly #where: Where;

  constructor(where: Where) {
    this.#where = where;
    this.access = new LocalAccess(bare({ ops: 0, ask() {}, cancel() {}, release: () => false, lost() {} }));
    this.access.end();
  }

  where(): Where {
    return this.#where;
  }

  end(): void {}
}

/** The way to an object from what its parcel says. Where it was made it is local again. */
export function originOf(where: Where): Origin {
  if (!hub.isHere(where)) return new There(where);
  const service = hub.local(where);
  return service instanceof BrokerService ? new Here(service) : new Nowhere(where);
}
