/**
 * Groups of files that import each other (Tarjan's strongly connected components of more than one file). `edges`: file -> what it imports;
 * imports of types only and imports on demand make no cycle.
 */
export function cycles(edges) {
  const [index, low, stack, found] = [new Map(), new Map(), [], []];
  const enter = (path) => {
    index.set(path, index.size);
    low.set(path, index.get(path));
    stack.push(path);
    for (const { target, isLoaded } of edges.get(path)) {
      if (!isLoaded || !edges.has(target)) continue;
      if (!index.has(target)) enter(target);
      if (stack.includes(target)) low.set(path, Math.min(low.get(path), low.get(target)));
    }
    if (low.get(path) !== index.get(path)) return;
    const group = stack.splice(stack.indexOf(path));
    if (group.length > 1) found.push(group);
  };
  for (const path of edges.keys()) if (!index.has(path)) enter(path);
  return found;
}
