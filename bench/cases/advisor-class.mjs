import { workloads } from '../advisor/workloads/index.mjs';
import { row } from '../harness/row.mjs';
import { median, Samples } from '../harness/stats.mjs';

const conditions = [
  { id: 'idle', burners: 0, title: 'idle machine', right: 0.95 },
  { id: 'burners', burners: 2, title: 'two CPU burners beside it', right: 0.9, limits: { rounds: 1 } },
];
/** How long one function may take, in ms: a probe that hangs is a failure, not a bench without an end. */
const LIMIT = 60_000;

/** A few of each kind, for a smoke test. */
const some = (list) => list.filter(({ kind }, i) => list.slice(0, i).filter((one) => one.kind === kind).length < 2);
const chosen = ({ quick }) => (quick ? some(workloads) : workloads);

const ours = ({ name }, { id }) => `${name}, ${id}`;
const peers = ({ name }, { id }) => `${name}, one signal, ${id}`;
const isRight = ({ kind, alsoRight = [] }, answer) => kind === answer || alsoRight.includes(answer);

export default {
  id: 'advisor-class',
  apart: true,
  title: 'Advisor: what a function is bound by',
  method:
    `Each of ${workloads.length} functions (\`bench/advisor/workloads/\`) has a label that says what it is bound by, and \`advise(fn, inputs)\` says what it finds, in a fresh process each time, twice on an idle machine and once beside two processes that do nothing but compute. ` +
    'An answer that is not sure is neither right nor wrong and counts as not sure; one that is sure and wrong is a confident wrong answer. ' +
    'The peers have one signal each, read in a process of its own while the function is called in a row for 250 ms, one round: `process.cpuUsage()` or the utilisation of the event loop, ' +
    'half or more of it being CPU-bound and less IO-bound; they are never unsure.',
  rounds: { full: 2, quick: 1 },
  contenders: ({ quick }) =>
    conditions.flatMap((condition) =>
      chosen({ quick }).flatMap((workload) => {
        const params = { workload: workload.name, burners: condition.burners };
        return [
          { id: ours(workload, condition), contender: 'meantime-advise', measure: 'class', params, limit: LIMIT, ...condition.limits },
          { id: peers(workload, condition), contender: 'one-signal', measure: 'class', params, limit: LIMIT, rounds: 1 },
        ];
      }),
    ),
  rows: (samples, options) => conditions.flatMap((condition) => rowsOf(samples, condition, chosen(options))),
  tables: (samples, options) => conditions.map((condition) => answers(samples, condition, chosen(options))),
};

/** All answers of a condition in one sum, so that a share is of all of them. */
function tally(samples, condition, list) {
  const all = list.flatMap((workload) => (samples.rounds[ours(workload, condition)] ?? []).map((answer) => ({ workload, answer })));
  const sure = all.filter(({ answer }) => answer.sure);
  const right = sure.filter(({ workload, answer }) => isRight(workload, answer.kind)).length;
  const guessed = all.filter(({ workload, answer }) => isRight(workload, answer.kind)).length;
  const none = list.length - new Set(all.map(({ workload }) => workload)).size;
  const single = list.flatMap((workload) => (samples.rounds[peers(workload, condition)] ?? []).map((answer) => ({ workload, answer })));
  const share = (signal) => (100 * single.filter(({ workload, answer }) => isRight(workload, answer[signal])).length) / single.length;
  return {
    none,
    meantime: {
      right: sure.length === 0 ? undefined : (100 * right) / sure.length,
      wrong: all.length === 0 ? undefined : sure.length - right,
      unsure: all.length === 0 ? undefined : (100 * (all.length - sure.length)) / all.length,
      guessed: all.length === 0 ? undefined : (100 * guessed) / all.length,
      took: all.length === 0 ? undefined : median(all.map(({ answer }) => answer.took)),
    },
    cpu: { guessed: single.length === 0 ? undefined : share('cpuUsage') },
    loop: { guessed: single.length === 0 ? undefined : share('loopUtilization') },
  };
}

function rowsOf(samples, condition, list) {
  const { none, ...sums } = tally(samples, condition, list);
  const failed = list.map((workload) => samples.failures[ours(workload, condition)]).find(Boolean);
  const s = new Samples(
    Object.fromEntries(Object.entries(sums).map(([id, sum]) => [id, [sum]])),
    none > 0 && failed ? { meantime: { ...failed, message: `no answer for ${none} of ${list.length} functions: ${failed.message}` } } : {},
  );
  const { title } = condition;
  const judge = 'ours';
  const guessed = { metric: 'guessed', unit: '%' };
  return [
    row(s, { what: `${title}: right, of the sure answers`, metric: 'right', unit: '%', judge, goal: { atLeast: 100 * condition.right } }),
    row(s, { what: `${title}: sure, and wrong`, metric: 'wrong', unit: 'answers', judge, goal: { atMost: 0 } }),
    row(s, { what: `${title}: not sure`, metric: 'unsure', unit: '%', judge, goal: { atMost: 10 } }),
    row(s, { ...guessed, what: `${title}: right of all, sure or not`, peer: 'cpu', name: 'cpuUsage alone' }),
    row(s, { ...guessed, what: `${title}: right of all, sure or not`, peer: 'loop', name: 'loop utilisation alone' }),
    row(s, { what: `${title}: an answer takes`, metric: 'took', unit: 'ms' }),
  ];
}

const percent = (value) => String(Math.round(100 * value));

function answers(samples, condition, list) {
  const lines = list.map((workload) => {
    const given = (samples.rounds[ours(workload, condition)] ?? []).filter(Boolean);
    const [single] = samples.rounds[peers(workload, condition)] ?? [];
    const label = [workload.kind, ...(workload.alsoRight ?? [])].join(' or ');
    if (given.length === 0) return [workload.name, label, 'failed', '', '', '', ''];
    const mid = (pick) => median(given.map(pick));
    const said = given.map(({ kind, sure }) => `${kind}${sure ? '' : '?'}`);
    const wrong = given.some(({ kind, sure }) => sure && !isRight(workload, kind));
    const unsure = given.filter(({ sure }) => !sure).length;
    return [
      workload.name,
      label,
      [...new Set(said)].join(', '),
      wrong ? 'WRONG' : unsure > 0 ? `not sure ${unsure}/${given.length}` : 'right',
      ['computing', 'blocking', 'pool', 'waiting'].map((part) => percent(mid(({ shares }) => shares[part]))).join(' / '),
      mid(({ callMs }) => callMs).toPrecision(3),
      single === undefined ? '' : `${single.cpuUsage}, ${single.loopUtilization}`,
    ];
  });
  return {
    title: `Answers, ${condition.title}`,
    headings: [
      'function',
      'label',
      'answer (? not sure)',
      '',
      '% computing / blocking / pool / waiting',
      'ms a call',
      'cpuUsage, loop utilisation',
    ],
    lines,
  };
}
