/** A module's exports that hold something, each as it was at some time. */
export type ModuleState = ReadonlyMap<string, Uint8Array>;

/** Exports that are larger than this, in bytes, are not remembered: it would cost more memory than it tells. */
const MOST = 4 << 20;

/** What a module's exports hold, functions and classes aside. */
export function stateOf(namespace: Readonly<Record<string, unknown>>): ModuleState {
  const { serialize } = process.getBuiltinModule('node:v8');
  const state = new Map<string, Uint8Array>();
  const keep = (name: string, value: unknown): void => {
    if (typeof value === 'function' || typeof value === 'symbol') return;
    try {
      const bytes = serialize(value);
      if (bytes.byteLength <= MOST) state.set(name, bytes);
    } catch {
      // What cannot be written down (a socket, an object with methods) cannot be compared: it is said of nothing that it stayed the same.
    }
  };
  for (const name of Object.keys(namespace)) {
    const value = namespace[name];
    // Of a CommonJS module, the exports are properties of the default export.
    if (name === 'default' && typeof value === 'object' && value !== null) for (const [inner, of] of Object.entries(value)) keep(inner, of);
    else keep(name, value);
  }
  return state;
}

/** The names of what is not as it was. */
export function changedSince(before: ModuleState, namespace: Readonly<Record<string, unknown>>): string[] {
  const now = stateOf(namespace);
  return [...before].filter(([name, bytes]) => Buffer.compare(bytes, now.get(name) ?? new Uint8Array()) !== 0).map(([name]) => name);
}
