import { propertyOf } from '../../core/index.js';

/** HTTP's answers that ask for less, or say that somebody on the way could not keep up. */
const statuses: ReadonlySet<unknown> = new Set([429, 502, 503, 504]);

/** Codes of Node and of undici: the other side does not answer, hangs up, or this process has too much open. */
const codes: ReadonlySet<unknown> = new Set([
  'EAGAIN',
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'EPIPE',
  'ETIMEDOUT',
  'ESOCKETTIMEDOUT',
  'ERR_HTTP2_STREAM_CANCEL',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_SOCKET',
]);

/** How many errors are looked at: causes and collected errors of one failure. */
const MOST = 16;

/**
 * Whether a failure means that too much was asked of somebody (an answer 429, 502, 503 or 504, a connection that was refused, reset or timed out, no file handles left), and not that
 * the call itself was wrong. Looks at causes and at the errors of an AggregateError too, at no more than 16. Never throws, whatever it is given.
 */
export function isPushback(error: unknown): boolean {
  const seen: unknown[] = [error];
  for (let i = 0; i < seen.length; i++) {
    const one = seen[i];
    if (one === null || typeof one !== 'object') continue;
    if (isTooMuch(one)) return true;
    add(seen, read(one, 'cause'));
    const more = read(one, 'errors');
    const length = isList(more) ? read(more, 'length') : 0;
    for (let k = 0; k < MOST && k < Number(length); k++) add(seen, read(more as object, k));
  }
  return false;
}

function add(seen: unknown[], error: unknown): void {
  if (error !== undefined && seen.length < MOST && !seen.includes(error)) seen.push(error);
}

function isTooMuch(error: object): boolean {
  if (read(error, 'name') === 'TimeoutError' || codes.has(read(error, 'code'))) return true;
  if (statuses.has(read(error, 'status')) || statuses.has(read(error, 'statusCode'))) return true;
  const response = read(error, 'response');
  if (response === null || typeof response !== 'object') return false;
  return statuses.has(read(response, 'status')) || statuses.has(read(response, 'statusCode'));
}

/** A property of something that may be a proxy or have getters that throw. */
function read(of: object, key: string | number): unknown {
  try {
    return propertyOf(of, key);
  } catch {
    // Who throws when asked for a property has not said that too much was asked of it.
    return undefined;
  }
}

/** `Array.isArray` throws for a revoked proxy. */
function isList(value: unknown): value is object {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}
