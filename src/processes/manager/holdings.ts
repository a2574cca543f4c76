import { AuthenticationError, ConnectionClosedError, clock, type Timer, WireError } from '../../core/index.js';
import { type Account, MOST_ITERATORS, MOST_TICKETS } from '../hub/account.js';
import type { Hosted } from './hosted.js';
import type { Stream } from './streams.js';

/**
 * How long a handle may be under way, in ms, until it is given up: whoever sent it may have died,
 * or never have sent it.
 */
const UNDER_WAY = 60_000;
/** The longest ticket, in characters. */
const TICKET = 64;

/** One process or thread that has objects of a manager. */
export interface Holder {
  state: unknown;
  /** Where it is counted, if it is elsewhere. */
  readonly connection?: { readonly account: Account };
}

/**
 * The possessions of a holder: how many handles of which object, and which iterators. Nothing else
 * is to be had on its channel.
 */
export class Holdings {
  /** Whether it has the manager, and not only objects. */
  readonly isManager: boolean;
  readonly handles = new Map<string, { readonly hosted: Hosted; count: number }>();
  readonly streams = new Map<number, Stream>();
  readonly account: Account | undefined;

  constructor(isManager: boolean, account: Account | undefined) {
    this.isManager = isManager;
    this.account = account;
  }

  keep(id: number, stream: Stream): void {
    this.account?.take(MOST_ITERATORS);
    this.streams.set(id, stream);
  }

  drop(id: number): void {
    if (this.streams.delete(id)) this.account?.add(MOST_ITERATORS, -1);
  }
}

/** @throws {AuthenticationError} for whoever has only handles of objects. */
export function mustBeManager({ isManager }: Holdings, what: string): void {
  if (!isManager) throw new AuthenticationError(`To ${what} takes the manager, and here are only handles of its objects`);
}

/** The object, if this holder has a handle of it; what it never got is the same as what is gone. */
export function held(holdings: Holdings, id: unknown): Hosted {
  const hosted = holdings.handles.get(id as string)?.hosted;
  if (hosted === undefined || hosted.isGone)
    throw new ConnectionClosedError('This object is gone: its last handle was released, or its manager was shut down');
  return hosted;
}

export function memberIn(body: readonly unknown[]): string {
  if (typeof body[2] !== 'string')
    throw new WireError(`A host of objects was asked for a member by a ${typeof body[2]}, and names are text`);
  return body[2];
}

export function argumentsIn(args: unknown): unknown[] {
  if (!Array.isArray(args)) throw new WireError('The arguments that came to a host of objects are no list');
  return args;
}

export function count(holdings: Holdings, hosted: Hosted, id: string): void {
  hosted.handles++;
  const handle = holdings.handles.get(id);
  if (handle === undefined) holdings.handles.set(id, { hosted, count: 1 });
  else handle.count++;
}

/** A handle that is waited for. @throws {ResourceError} if this holder has too many of them. */
export function underWay({ account }: Holdings, giveUp: () => void): Timer {
  account?.take(MOST_TICKETS);
  const over = () => account?.add(MOST_TICKETS, -1);
  const timer = clock.after(
    UNDER_WAY,
    () => {
      over();
      giveUp();
    },
    true,
  );
  return {
    cancel() {
      over();
      timer.cancel();
    },
  };
}

export function checkedTicket(ticket: unknown): string {
  if (typeof ticket !== 'string' || ticket.length > TICKET) throw new WireError('A ticket that came to a host of objects is none');
  return ticket;
}
