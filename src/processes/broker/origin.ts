import type { Access } from './access.js';
import type { Broker } from './broker.js';
import { LocalAccess } from './local-access.js';

/** Where an object lives, and the way to it: what all its handles in this thread have in common. */
export class Origin {
  readonly access: Access;

  private constructor(access: Access) {
    this.access = access;
  }

  /** An object that this thread makes. */
  static here(broker: Broker): Origin {
    return new Origin(new LocalAccess(broker));
  }

  end(): void {
    (this.access as LocalAccess).end();
  }
}
