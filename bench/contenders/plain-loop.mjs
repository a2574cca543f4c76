/** What `map` replaces. */
export function mapAll(fn, inputs) {
  return async () => {
    const results = [];
    for (const input of inputs) results.push(await fn(input));
    return results;
  };
}
