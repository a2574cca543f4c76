/** Where `compare/loop.entry.ts` is, relative to any folder of the package that is one deep: source and bundle alike. */
export const loopEntry = new URL('../advisor/compare/loop.entry.js', import.meta.url).href;
