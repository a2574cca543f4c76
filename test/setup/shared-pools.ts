/**
 * For test files that use `toThread` or `toProcess`: the idle workers of their pools may outlive the file, as they outlive a user's last
 * call. They may still not keep the process alive.
 */
Object.defineProperty(globalThis, Symbol.for('meantime.test.shared-pools'), { value: true });

export {};
