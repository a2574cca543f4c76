/** What awaiting costs when nothing is behind it: the harness's own share of a call. */
export async function open() {
  return { tiny: () => Promise.resolve(3), close: async () => {} };
}
