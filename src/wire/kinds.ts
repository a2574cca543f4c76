import { outside, type PartsCheck, WireError } from '../core/index.js';

/**
 * Makes a handle again from its parts, which have the form that was demanded. Nothing is opened,
 * and nobody is connected to, by it: that is for the first use, which also tells what is wrong
 * then.
 */
export type Maker = (parts: never) => object;

const makers = new Map<string, Maker>();

/** Where the makers of a room's kinds are, relative to any folder of the package that is one deep: source and bundle alike. */
const homes = new Map([
  ['threads', '../threads/handles.entry.js'],
  ['processes', '../processes/handles.entry.js'],
]);
const coming = new Map<string, Promise<unknown>>();
/** Rooms that are here: a kind that is not known now never will be. */
const loaded = new Set<string>();

/**
 * Says how a kind of handle is made again on this side.
 *
 * @param check What its parts must be: they come from another thread or process. Parts of another
 * form are a WireError where the value is decoded.
 */
export function registerKind(kind: string, check: PartsCheck, make: Maker): void {
  makers.set(kind, (parts) => {
    const wrong = check(parts);
    if (wrong === undefined) return make(parts);
    throw new WireError(`A handle of the kind ${kind} came in parts of another form: expected ${wrong}`);
  });
}

/** @throws {WireError} if nobody registered the kind. */
export function makerOf(kind: string): Maker {
  const make = makers.get(kind);
  if (make === undefined)
    throw new WireError(`A handle of the kind ${kind} came, which is not known here. Both sides must run the same version of Meantime`);
  return make;
}

/** What loads the makers of a kind's room; `undefined` if they are there, or there is no such room. */
export function loadKind(kind: string): Promise<unknown> | undefined {
  if (makers.has(kind)) return undefined;
  const room = kind.slice(0, kind.indexOf('/'));
  const home = homes.get(room);
  if (home === undefined || loaded.has(room)) return undefined;
  let load = coming.get(room);
  if (load === undefined) {
    load = outside(() => import(new URL(home, import.meta.url).href).then(() => loaded.add(room)));
    coming.set(room, load);
  }
  return load;
}
