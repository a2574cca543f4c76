/** A reporter that only counts; the runner writes what it yields to a file. */
export default async function* counts(events) {
  let [passed, failed, skipped] = [0, 0, 0];
  for await (const { type, data } of events) {
    if (data?.details?.type === 'suite') continue;
    if (type === 'test:pass') data.skip === undefined && data.todo === undefined ? passed++ : skipped++;
    else if (type === 'test:fail') failed++;
  }
  yield JSON.stringify({ passed, failed, skipped });
}
