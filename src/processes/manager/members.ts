/** What of an object can be used from afar. */
export interface Members {
  readonly methods: readonly string[];
}

/** Whether a name may be used from afar at all: nothing of what every object has, and nothing that is private by custom. */
export const isPublic = (name: string): boolean =>
  name !== 'constructor' && !name.startsWith('_') && !Object.hasOwn(Object.prototype, name);

/** The most methods of an object, as a bound of what a host may say. */
export const MOST_METHODS = 10_000;

/**
 * Whether a handle can have a method of that name. No `then`: who awaits a handle means the handle.
 */
export const isMethodName = (name: string): boolean => isPublic(name) && name !== 'then';

/**
 * The methods of a class and of those it extends, by name: an allow-list, so that nothing else can
 * be reached.
 */
export function methodsOf(of: object): string[] {
  const names = new Set<string>();
  const seen = new Set<string>();
  for (let proto = Object.getPrototypeOf(of); proto !== null && proto !== Object.prototype; proto = Object.getPrototypeOf(proto)) {
    for (const name of Object.getOwnPropertyNames(proto)) {
      if (seen.has(name)) continue;
      seen.add(name); // what a class overrides is what it says it is
      if (isMethodName(name) && typeof Object.getOwnPropertyDescriptor(proto, name)?.value === 'function') names.add(name);
    }
  }
  return [...names];
}

/** Whether a property can be read from afar, or written: one that the object has of its own, or an accessor of its class. */
export function hasProperty(of: object, name: string, write: boolean): boolean {
  if (!isPublic(name)) return false;
  const own = Object.getOwnPropertyDescriptor(of, name);
  if (own !== undefined) return usable(own, write);
  for (let proto = Object.getPrototypeOf(of); proto !== null && proto !== Object.prototype; proto = Object.getPrototypeOf(proto)) {
    const property = Object.getOwnPropertyDescriptor(proto, name);
    if (property !== undefined) return Object.hasOwn(property, 'get') && usable(property, write);
  }
  return false;
}

function usable(property: PropertyDescriptor, write: boolean): boolean {
  if (Object.hasOwn(property, 'value')) return typeof property.value !== 'function' && (!write || property.writable === true);
  return (write ? property.set : property.get) !== undefined;
}
