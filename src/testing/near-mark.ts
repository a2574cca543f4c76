/** Set on the global object where `only-near.ts` may be imported. */
export const mark: unique symbol = Symbol.for('meantime.testing.near') as never;
