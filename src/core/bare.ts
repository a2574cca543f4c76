/**
 * One object of several, without a prototype; of what two have, the last one's counts. Whatever is
 * passed on as options is made by this: `{ ...options }` would give it back the prototype that
 * `readOptions` kept away, and with it what a polluted `Object.prototype` offers. Node reads
 * inherited options, too, and `execArgv`, `env` or `shell` among them start programs.
 */
export function bare<T extends object>(part: T): T;
export function bare<A extends object, B extends object>(first: A, second: B): A & B;
export function bare<A extends object, B extends object, C extends object>(first: A, second: B, third: C): A & B & C;
export function bare(...parts: readonly object[]): object {
  return Object.assign(Object.create(null), ...parts);
}

/** The same of all that a list has. */
export const allBare = <T extends object>(list: readonly T[]): T[] => list.map((one) => bare(one));

/**
 * A copy without some names, and without a prototype; `const { a, ...rest } = options` gives `rest`
 * one.
 */
export function without<T extends object, K extends keyof T>(options: T, ...names: readonly K[]): Omit<T, K> {
  const out = bare(options);
  for (const name of names) delete out[name];
  return out;
}

/** A variable of this process's environment: `process.env` has the prototype of every object. */
export const variable = (name: string): string | undefined => (Object.hasOwn(process.env, name) ? process.env[name] : undefined);

/**
 * How a file is read as text. Of an encoding alone Node makes options of its own, which inherit.
 */
export const UTF8 = Object.freeze(bare({ encoding: 'utf8' as const }));

/**
 * Whether an object has a property of its own: tells one kind of a union from the others, as `in`
 * does, which asks what is inherited, too.
 */
export const has = <T extends object, K extends PropertyKey>(of: T, key: K): of is Extract<T, Record<K, unknown>> => Object.hasOwn(of, key);

/**
 * A property of an object that others have made: its own, or of its class, and not what every
 * object seems to have.
 */
export function propertyOf(of: object, key: PropertyKey): unknown {
  if (!(key in Object.prototype)) return (of as Record<PropertyKey, unknown>)[key];
  for (let at: object | null = of; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    if (Object.hasOwn(at, key)) return Reflect.get(at, key, of);
  }
  return undefined;
}
