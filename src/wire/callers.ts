/** The files of Meantime itself: `dist/`, whatever room the frame is in. */
const own = new URL('..', import.meta.url).href;

/**
 * The files whose code is on the stack, nearest first, without Meantime's own and Node's: `file:` URLs of ES modules,
 * paths of CommonJS modules. The module that hands a function over, or one just above it, nearly always defines or
 * imports that function.
 */
export function callers(most = 4): string[] {
  // Frozen intrinsics: then there is the inspector.
  if (Object.isFrozen(Error)) return [];
  const { prepareStackTrace, stackTraceLimit } = Error;
  const holder: { stack?: unknown } = {};
  try {
    Error.stackTraceLimit = 30;
    Error.prepareStackTrace = (_, sites) => sites.map((site) => site.getFileName());
    Error.captureStackTrace(holder, callers);
    return distinct(holder.stack, most);
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function distinct(files: unknown, most: number): string[] {
  const found = new Set<string>();
  // Another runtime may ignore prepareStackTrace and give a string.
  for (const file of Array.isArray(files) ? files : []) {
    if (typeof file !== 'string' || file === '' || file.startsWith('node:') || file.startsWith(own)) continue;
    found.add(file);
    if (found.size === most) break;
  }
  return [...found];
}
