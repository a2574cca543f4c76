import { type PartsCheck, sequence } from '../../core/index.js';
import { isPrivatePath } from '../connection/socket-path.js';
import { idOf } from './ids.js';

/** Bytes of the key of a hub. */
export const KEY_BYTES = 32;

/**
 * The address of an object in a handle, part by part: a socket such as hubs make, a key such as
 * theirs, an id. Neither a host nor a port can be said. Whether the socket and its folder are this
 * user's is found out when it is connected to.
 */
export const whereChecks: readonly PartsCheck[] = [
  (v) => (typeof v === 'string' && isPrivatePath(v) ? undefined : 'the path of a socket that a hub makes'),
  (v) => (v instanceof Uint8Array && v.byteLength === KEY_BYTES ? undefined : `${KEY_BYTES} bytes`),
  idOf('a service'),
];

/** The same as one part. */
export const isWhere: PartsCheck = sequence(...whereChecks);
