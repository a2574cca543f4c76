import type { Socket } from 'node:net';
import { bare, clock, Deque, outside, WireError } from '../../core/index.js';
import { FrameSocket } from '../connection/frame-socket.js';
import { Account, MOST_CHANNELS } from './account.js';
import { Channel, putError } from './channel.js';
import { FromHub, faultOf, MOST, ToHub } from './messages.js';
import type { PeerConnection, Service } from './service.js';

/**
 * With so many bytes of answers that the other side has not read, nothing more that it says is
 * taken up: an honest one reads whenever it has time.
 */
const MOST_UNREAD = 2 ** 20;

/**
 * After so many requests there is a pause in which what they do has its turn: its answers count
 * before more are taken up.
 */
const TOGETHER = 32;

/** What a connection asks of its hub. */
interface Services {
  /** The use of all connections together. */
  readonly account: Account;
  service(id: string): Service;
}

/** The hub's side of the connection of one process or thread: its channels, and what it has asked. */
export class HubConnection implements PeerConnection {
  readonly account: Account;
  pid = 0;
  threadId = 0;
  readonly #frames: FrameSocket;
  readonly #services: Services;
  readonly #channels = new Map<number, Channel>();
  /** Frames that have come and are not done with, and how far the first is. */
  readonly #came = new Deque<unknown[]>();
  #at = 0;
  /** Requests since there was a pause. */
  #asked = 0;
  /** Answers that wait for room. */
  readonly #late = new Deque<() => void>();
  #isPaused = false;
  /** It broke the protocol: nothing that it said counts any more. */
  #isBroken = false;

  constructor(socket: Socket, services: Services, gone: () => void) {
    this.#services = services;
    this.account = new Account(services.account);
    this.#frames = new FrameSocket(socket, bare({ most: MOST, full: MOST_UNREAD }), {
      frame: (items) => this.#frame(items),
      room: () => outside(() => this.#room()),
      end: () => {
        gone();
        this.#work();
        for (const channel of [...this.#channels.values()]) this.drop(channel);
      },
    });
  }

  start(rest: Buffer): void {
    this.#frames.start(rest);
  }

  closeAll(service: Service, error: Error | undefined): void {
    for (const channel of [...this.#channels.values()]) if (channel.service === service) channel.close(error);
  }

  /** Tells why nothing will be served, and ends it. */
  refuse(error: Error): void {
    putError(this, FromHub.CLOSED, 0, 0, error);
    this.#frames.close();
  }

  put(kind: number, channel: number, request: number, body: unknown, size = 64): void {
    this.#frames.put4(kind, channel, request, body, size);
  }

  /**
   * Calls `fn`, which says something that may be large, when there is room for it. Not at all if
   * nobody reads any more.
   */
  whenRoom(fn: () => void): void {
    if (this.#frames.over) return;
    if (this.#late.size === 0 && !this.#frames.full) fn();
    else this.#late.push(fn);
  }

  /** Lets go of a channel that has ended. */
  drop(channel: Channel): void {
    if (this.#forget(channel)) channel.dropped();
  }

  #forget(channel: Channel): boolean {
    if (this.#channels.get(channel.number) !== channel) return false;
    this.account.add(MOST_CHANNELS, -1);
    return this.#channels.delete(channel.number);
  }

  #frame(items: unknown[]): void {
    if (this.#isBroken) return;
    const fault = faultOf(items, ToHub.CLOSE, ToHub.OPEN);
    if (fault !== undefined) {
      this.#break(fault);
      return;
    }
    this.#came.push(items);
    if (this.#came.size === 1) this.#work();
    else this.#pause(); // one frame waits here, and the others where they come from
  }

  /**
   * Takes up what has come, as far as there is room for the answers. When the other side has ended,
   * all of it: nobody hears the answers.
   */
  #work(): void {
    for (let items = this.#came.peek(); items !== undefined; items = this.#came.peek()) {
      while (this.#at < items.length) {
        if (this.#isBroken || (!this.#frames.over && this.#mustWait())) return;
        const i = this.#at;
        this.#at += 4;
        this.#message(items[i] as number, items[i + 1] as number, items[i + 2] as number | string, items[i + 3]);
      }
      this.#came.shift();
      this.#at = 0;
    }
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#frames.resume();
  }

  #mustWait(): boolean {
    if (this.#late.size === 0 && !this.#frames.full) {
      if (this.#asked < TOGETHER) return false;
      if (this.#asked === TOGETHER) {
        this.#asked++; // once
        clock.soon(() => {
          this.#asked = 0;
          this.#work();
        });
      }
    } else this.#pause();
    return true;
  }

  /** Until all that has come is taken up. */
  #pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#frames.pause();
  }

  #room(): void {
    while (this.#late.size > 0 && !this.#frames.full) this.#late.shift()?.();
    this.#work();
  }

  #break(fault: WireError): void {
    this.#isBroken = true;
    this.#frames.destroy(fault);
  }

  #message(kind: number, number: number, id: number | string, body: unknown): void {
    if (kind === ToHub.OPEN) {
      this.#open(number, id as string, body);
      return;
    }
    const request = id as number;
    if (kind === ToHub.HELLO) {
      this.pid = number;
      this.threadId = request;
      return;
    }
    const channel = this.#channels.get(number);
    // It was closed from here, which the other side did not know yet.
    if (channel === undefined) return;
    switch (kind) {
      case ToHub.ASK:
        this.#asked++;
        channel.asked(request, body);
        break;
      case ToHub.TELL:
        channel.told(body, request);
        break;
      case ToHub.CANCEL:
        channel.cancelled(request);
        break;
      case ToHub.CLOSE:
        this.drop(channel);
    }
  }

  #open(number: number, id: string, body: unknown): void {
    if (this.#channels.has(number)) {
      this.#break(new WireError(`The channel ${number} was opened twice`));
      return;
    }
    let channel: Channel | undefined;
    try {
      channel = new Channel(this, number, this.#services.service(id));
      this.account.take(MOST_CHANNELS);
      this.#channels.set(number, channel);
      channel.service.opened?.(channel, body);
    } catch (error) {
      if (channel !== undefined) this.#forget(channel);
      putError(this, FromHub.CLOSED, number, 0, error);
    }
  }
}
