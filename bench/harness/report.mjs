/** A number with three digits that say something, and a thin order to thousands. */
export function figure(value, unit = '') {
  if (value === undefined || value === null || Number.isNaN(value)) return '–';
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 0.01 || value === 0 ? 2 : 4;
  const text = value.toLocaleString('en-GB', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return unit ? `${text} ${unit}` : text;
}

function goalText({ goal, judge, unit }) {
  if (goal === undefined) return '';
  const [sign, bound] = 'atLeast' in goal ? ['>=', goal.atLeast] : ['<=', goal.atMost];
  return judge === 'ours' ? `${sign} ${bound} ${unit}` : `${sign} ${bound}x`;
}

const verdict = ({ pass }) => (pass === undefined ? '' : pass === null ? 'not measured' : pass ? 'pass' : 'FAIL');

const headings = ['case', 'meantime', 'against', 'theirs', 'ratio', 'goal', '', 'floor'];

function cells(row) {
  return [
    row.what,
    figure(row.ours, row.unit),
    row.peer ?? '',
    row.peer === undefined ? '' : figure(row.theirs, row.unit),
    row.ratio === undefined ? '' : `${figure(row.ratio)}x`,
    goalText(row),
    verdict(row),
    row.floor ? `${row.floor.name}: ${figure(row.floor.value, row.floor.unit ?? row.unit)}` : '',
  ];
}

/** Lines of cells under their headings, for the terminal. */
export function columns(headings, lines) {
  const widths = headings.map((heading, i) => Math.max(heading.length, ...lines.map((line) => line[i].length)));
  const print = (line) =>
    line
      .map((cell, i) => cell.padEnd(widths[i]))
      .join('  ')
      .trimEnd();
  return [print(headings), widths.map((w) => '-'.repeat(w)).join('  '), ...lines.map(print)].join('\n');
}

/** A case for the terminal. */
export function table(rows) {
  const notes = rows.filter((row) => row.note).map((row) => `  ${row.what}: ${row.note}`);
  return [columns(headings, rows.map(cells)), ...notes].join('\n');
}

const markdownTable = (headings, lines) => [headings, headings.map(() => '---'), ...lines].map(markdownRow);
const markdownRow = (line) => `| ${line.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

/** The whole run as the page `bench/RESULTS.md`. */
export function page(run) {
  const { date, machine, versions, quick, command, seconds, threadCpu, cases } = run;
  const all = cases.flatMap(({ rows }) => rows).filter(({ goal }) => goal !== undefined);
  const met = all.filter(({ pass }) => pass === true).length;
  const out = [
    '# Results',
    '',
    `Written by \`${command}\`${quick ? ' `-- --quick` (a short run: good for a smoke test, too short to quote)' : ''} on ${date}, in ${Math.round(seconds)} s. ` +
      `${met} of ${all.length} goals are met.`,
    '',
    `Machine: ${machine.cores} cores, ${machine.cpu}, ${machine.memory}, ${machine.system}. ` +
      `${Object.entries(versions)
        .map(([what, version]) => `${what} ${version}`)
        .join(', ')}.`,
    '',
    'Every contender runs in a process of its own, in turn, round after round. A figure is the median of its rounds, a ratio the median of the ' +
      'ratios within each round (so it can differ a little from the quotient of the two figures). `floor` is what the bare machinery does in the same ' +
      'rounds: the distance to the limit, beside the lead over the peer. A row without a goal is there for reference. ' +
      `Processor time of the main thread is read from \`${threadCpu}\`.`,
  ];
  for (const { title, rounds, rows, method, tables } of cases) {
    out.push('', `## ${title}`, '', `${method} ${rounds} ${rounds === 1 ? 'round' : 'rounds'}.`, '');
    out.push(...markdownTable(headings, rows.map(cells)));
    const ranged = rows.filter(({ range }) => range);
    const spread = new Set(ranged.map(({ id, range, unit }) => `${id} ${figure(range.min)} to ${figure(range.max, unit)}`));
    if (spread.size > 0) out.push('', `Lowest and highest round: ${[...spread].join('; ')}.`);
    for (const row of rows) if (row.note) out.push('', `Note on "${row.what}": ${row.note}.`);
    for (const { title, headings, lines } of tables) out.push('', `### ${title}`, '', ...markdownTable(headings, lines));
  }
  return `${out.join('\n')}\n`;
}
