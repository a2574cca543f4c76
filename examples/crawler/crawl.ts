import { CancelledError, TimeoutError } from 'meantime';
import { currentSignal, exponential, Queue, RateLimiter, retry, withTaskGroup, withTimeout } from 'meantime/tasks';

export interface CrawlOptions {
  /** How many pages are in progress at a time. */
  readonly workers: number;
  /** At most so many requests in any 100 ms. */
  readonly rate: number;
  /** How long one request may take, in ms. */
  readonly timeout: number;
}

export interface Crawled {
  /** Title by address. */
  readonly pages: Map<string, string>;
  /** What is wrong with the others. */
  readonly failed: Map<string, string>;
  /** How often something was tried again, by reason. */
  readonly retried: Map<string, number>;
}

/** An answer that is no page. */
class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly status: number;
  /** When the server wants to be asked again, in ms. */
  readonly retryAfter: number | undefined;

  constructor(url: string, { status, headers }: Response) {
    super(`GET ${url} gave ${status}`);
    this.status = status;
    const seconds = headers.get('retry-after');
    this.retryAfter = seconds === null ? undefined : Number(seconds) * 1000;
  }
}

const reasonOf = (error: unknown): string =>
  error instanceof HttpError ? String(error.status) : error instanceof TimeoutError ? 'no answer' : String(error);
const passes = (error: unknown): boolean =>
  error instanceof TimeoutError || (error instanceof HttpError && [429, 500, 503].includes(error.status));
const backoff = exponential({ first: 20, max: 500 });

/** Reads a page and every page of the same site that can be reached from it. */
export async function crawl(start: string, { workers, rate, timeout }: CrawlOptions): Promise<Crawled> {
  const [pages, failed, retried] = [new Map<string, string>(), new Map<string, string>(), new Map<string, number>()];
  // Whoever takes an address out puts others in. Were it bounded, all workers might wait for room that only they can make; what bounds it is the size of the site.
  const queue = new Queue<string>(Number.POSITIVE_INFINITY);
  const limiter = new RateLimiter({ limit: rate, per: 100, window: 'sliding' });
  const found = new Set<string>();

  async function follow(url: string): Promise<void> {
    if (new URL(url).origin !== new URL(start).origin || found.has(url)) return;
    found.add(url);
    await queue.put(url);
  }

  /** One request. The time in which it waits for the limiter does not count. */
  const get = (url: string) =>
    limiter.with(() =>
      withTimeout(timeout, async () => {
        const response = await fetch(url, { signal: currentSignal() });
        const body = await response.text();
        if (!response.ok) throw new HttpError(url, response);
        return body;
      }),
    );

  async function read(url: string): Promise<void> {
    const html = await retry(() => get(url), {
      attempts: 4,
      when: passes,
      delay: (error, attempt, previous) => (error instanceof HttpError && error.retryAfter) || backoff(error, attempt, previous),
      onRetry: (error) => void retried.set(reasonOf(error), (retried.get(reasonOf(error)) ?? 0) + 1),
    });
    pages.set(url, /<title>(.*?)<\/title>/.exec(html)?.[1] ?? '');
    for (const [, to] of html.matchAll(/<a href="(.*?)"/g)) await follow(new URL(to, url).href);
  }

  async function worker(): Promise<void> {
    for await (const url of queue) {
      try {
        await read(url);
      } catch (error) {
        if (error instanceof CancelledError) throw error; // the crawl is over, and the page is not to blame
        failed.set(url, reasonOf(error));
      }
      queue.taskDone();
    }
  }

  await withTaskGroup(async (group) => {
    for (let i = 1; i <= workers; i++) group.spawn(worker).name = `worker ${i}`;
    await follow(start);
    await queue.join();
    queue.close(); // which ends the loops of the workers
  });
  return { pages, failed, retried };
}
