/** What the bare transport carries when many messages are under way: a limit that a pool which batches can pass. */
export default async function flood(load, options) {
  return (await load()).flood(options);
}
