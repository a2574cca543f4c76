/** Whether two types are the same, `any` included. */
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Does not compile unless it is `true`. */
export type Expect<T extends true> = T;
