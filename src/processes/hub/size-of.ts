/** About how many bytes there are in what is sent: an object that is no list is a small one. */
export function sizeOf(data: unknown): number {
  if (typeof data === 'string' || data instanceof Uint8Array) return data.length;
  if (typeof data !== 'object' || data === null) return 0;
  if (!Array.isArray(data)) return 64;
  let size = 0;
  for (const part of data) size += sizeOf(part);
  return size;
}
