/** The text of a thrown error, in one line. */
export function told(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const line = text
    .split('\n')
    .map((part, at) => (at === 0 ? part.trimEnd() : part.trim()))
    .join(' ');
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}
