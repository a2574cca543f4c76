/**
 * A reporter that counts, and keeps where each failure was; the runner writes what it yields to a
 * file.
 */
export default async function* counts(events) {
  let [passed, skipped] = [0, 0];
  const failures = [];
  for await (const { type, data } of events) {
    if (data?.details?.type === 'suite') continue;
    if (type === 'test:pass') data.skip === undefined && data.todo === undefined ? passed++ : skipped++;
    else if (type === 'test:fail') failures.push({ name: data.name, file: data.file, line: data.line, why: why(data.details?.error) });
  }
  yield JSON.stringify({ passed, failed: failures.length, skipped, failures });
}

/** The start of what an error says, on one line. */
function why(error) {
  const cause = error?.cause ?? error;
  return String(cause?.message ?? cause)
    .replace(/\s+/g, ' ')
    .slice(0, 300);
}
