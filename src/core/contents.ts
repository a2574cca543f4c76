const forEachEntry = Map.prototype.forEach;
const forEachMember = Set.prototype.forEach;

/** Keys and values of a Map, in turn, whatever its class makes of iterating over it. */
export function entriesOf(map: Map<unknown, unknown>): unknown[] {
  const out: unknown[] = [];
  forEachEntry.call(map, (value, key) => out.push(key, value));
  return out;
}

/** The members of a Set, likewise. */
export function membersOf(set: Set<unknown>): unknown[] {
  const out: unknown[] = [];
  forEachMember.call(set, (member) => out.push(member));
  return out;
}
