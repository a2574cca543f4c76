import type { Account } from './account.js';

/** Who reaches a service: one channel of one connection of one process, or thread. */
export interface Peer {
  /** The connection: the same object for all channels of one, so what one process holds can be found. */
  readonly connection: PeerConnection;
  /** For the service to keep what belongs to this peer. */
  state: unknown;
  /** Says something that is no answer. @param kind A small number, for both sides to agree on. @param size About how many bytes the body has, if it is large. */
  tell(body: unknown, kind?: number, size?: number): void;
  /** Closes the channel. The service is told `closed`, as for every end. */
  close(error?: Error): void;
}

/** The process, or thread, at the other end of a connection. */
export interface PeerConnection {
  readonly pid: number;
  readonly threadId: number;
  /** Its use of this process, for all its channels. */
  readonly account: Account;
}

/** How one request is answered: once, at any time. After the peer has gone, nothing happens. */
export interface Answer {
  /** @param body See `messages.ts`. A value of the user's has to be packed. */
  ok(body?: unknown, size?: number): void;
  fail(error: unknown): void;
  /**
   * Calls `fn`, which answers, when there is room for an answer: at once, most often. A large
   * value is packed there and not before, or a peer that asks and does not read would fill this
   * process. An error that it throws is the answer. It is not called if nobody waits any more.
   */
  whenRoom(fn: () => void): void;
  /** Whether nobody waits for it any more: answered, cancelled or gone. */
  readonly over: boolean;
  /**
   * Called once, when whoever asked no longer wants the answer: it was cancelled, or its connection has ended. What has been answered already is not
   * taken back by this: see `late` of `FarChannel.ask`, and `closed`.
   */
  onCancel: (() => void) | undefined;
  /** This request does not hold the process that is to answer it. Others do, until they are answered. */
  weak(): void;
}

/** What lives here and is reached through the hub. */
export interface Service {
  /** Somebody opened a channel. @throws to refuse: it is the error that the other side sees. */
  opened?(peer: Peer, body: unknown): void;
  /** A request. What it throws is its answer. */
  asked?(peer: Peer, body: unknown, answer: Answer): void;
  /** A message that wants no answer. What it throws closes the channel. */
  told?(peer: Peer, body: unknown, kind: number): void;
  /** The channel is closed: by either side, or because the connection ended. Once for each `opened` that did not throw; requests that were open are cancelled before. */
  closed?(peer: Peer): void;
}
