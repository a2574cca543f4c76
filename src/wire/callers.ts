import { filesAbove } from '../core/index.js';

/** The files of Meantime itself: `dist/`, whatever room the frame is in. */
const own = new URL('..', import.meta.url).href;

/**
 * The files whose code is on the stack, nearest first, without Meantime's own and Node's: `file:` URLs of ES modules,
 * paths of CommonJS modules. The module that hands a function over, or one just above it, nearly always defines or
 * imports that function.
 */
export function callers(most = 4): string[] {
  // Where the built-ins are frozen there is the inspector.
  return distinct(filesAbove(callers, 30) ?? [], most);
}

function distinct(files: readonly unknown[], most: number): string[] {
  const found = new Set<string>();
  for (const file of files) {
    if (typeof file !== 'string' || file === '' || file.startsWith('node:') || file.startsWith(own)) continue;
    found.add(file);
    if (found.size === most) break;
  }
  return [...found];
}
