/**
 * No class has so many classes above it: a longer chain is that of a Proxy, which may have no end.
 */
const LONGEST = 100;

/**
 * Whether a prototype is in the chain of an object, as `instanceof` has it. That follows the chain
 * of whatever it is given, and a Proxy can be its own prototype.
 */
export function inherits(value: object, prototype: object): boolean {
  let at: object | null = Object.getPrototypeOf(value);
  for (let i = 0; at !== null && i < LONGEST; i++) {
    if (at === prototype) return true;
    at = Object.getPrototypeOf(at);
  }
  return false;
}
