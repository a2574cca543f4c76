import { lookup, Resolver } from 'node:dns/promises';
import { namePort } from './setting.mjs';

/** The system's own look-up, on a thread of the pool: a file is read, nothing is asked. */
export async function lookupLocalhost() {
  return (await lookup('localhost')).address.length;
}

/** Asks a name server, over the network, without the pool. It answers late. */
export async function resolveName(name) {
  const resolver = new Resolver();
  resolver.setServers([`127.0.0.1:${namePort()}`]);
  return (await resolver.resolve4(name)).length;
}
