// A site of 240 pages, each with links to others. Some pages are slow, some out of order at first, some in a bad mood for good.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How a page answers: the first time, and from then on. */
const moods = {
  slow: 'does not answer the first request at all',
  busy: 'answers 503 twice',
  limited: 'answers 429 once and says when to come back',
  gone: 'answers 404, always',
  broken: 'answers 500, always',
} as const;

export type Mood = keyof typeof moods | 'well';

export const PAGES = 240;

export function moodOf(page: number): Mood {
  if (page % 60 === 7) return 'slow';
  if (page % 24 === 5) return 'busy';
  if (page % 48 === 11) return 'limited';
  if (page % 40 === 13) return 'gone';
  return page === 100 ? 'broken' : 'well';
}

/** Every page can be reached from page 0, most of them in several ways; page 3 links to another site. */
export function linksOf(page: number): string[] {
  const pages = [2 * page + 1, 2 * page + 2, page * page, 7 * page + 3].map((to) => `/page/${to % PAGES}`);
  return page === 3 ? [...pages, 'http://elsewhere.example/'] : pages;
}

export interface Seen {
  requests: number;
  open: number;
  /** The most that were open at a time. */
  most: number;
  /** How many were hung up on by the client. */
  abandoned: number;
}

export interface Site {
  readonly start: string;
  readonly seen: Seen;
  close(): Promise<void>;
}

/** Starts it on a free loopback port. */
export async function startSite(): Promise<Site> {
  const asked = new Map<number, number>();
  const seen: Seen = { requests: 0, open: 0, most: 0, abandoned: 0 };

  const server = createServer((request, response) => {
    seen.requests++;
    seen.most = Math.max(seen.most, ++seen.open);
    response.once('close', () => {
      seen.open--;
      if (!response.writableEnded) seen.abandoned++;
    });
    const page = Number(/^\/page\/(\d+)$/.exec(request.url ?? '')?.[1]);
    const time = (asked.get(page) ?? 0) + 1;
    asked.set(page, time);
    answer(response, page, time);
  });

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    start: `http://127.0.0.1:${(server.address() as AddressInfo).port}/page/0`,
    seen,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function answer(response: ServerResponse, page: number, time: number): void {
  const mood = moodOf(page);
  if (mood === 'slow' && time === 1) return;
  if (mood === 'busy' && time <= 2) response.writeHead(503).end();
  else if (mood === 'limited' && time === 1) response.writeHead(429, { 'retry-after': '1' }).end();
  else if (mood === 'gone') response.writeHead(404).end();
  else if (mood === 'broken') response.writeHead(500).end();
  else response.writeHead(200, { 'content-type': 'text/html' }).end(htmlOf(page));
}

const htmlOf = (page: number): string =>
  `<title>Page ${page}</title>${linksOf(page)
    .map((to) => `<a href="${to}">${to}</a>`)
    .join('')}`;
