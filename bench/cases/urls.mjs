import { row } from '../harness/row.mjs';

const LATENCY = 100;
const params = { n: 50, latency: LATENCY, concurrency: 50, warm: 5 };

export default {
  id: 'urls',
  title: '50 URLs of 100 ms, on tasks, 50 at a time',
  method:
    'A server in a process of its own answers each request after 100 ms. The library is timed around `map`, when the connections are open and both ends have compiled. ' +
    'The command line (`--on tasks --concurrency 50`) is timed by the server, from the first request to the last answer, so its start is not in it. ' +
    'The floor is `Promise.all` over the same function, timed in the same two ways.',
  rounds: { full: 11, quick: 3 },
  contenders: () => [
    { id: 'library', contender: 'meantime-tasks', measure: 'urls', params },
    { id: 'cli', contender: 'meantime-cli', measure: 'urls', params: { ...params, warm: 0 } },
    { id: 'bare', contender: 'bare-promises', measure: 'urls', params },
  ],
  rows: (s) => {
    const overIdeal = (what, ours, metric) => {
      const value = s.median(ours, metric);
      const floor = { id: 'bare', name: 'Promise.all' };
      return row(s, { what, ours, metric, unit: 'ms', ratio: value && value / LATENCY, name: 'ideal', goal: { atMost: 1.15 }, floor });
    };
    return [
      overIdeal('library', 'library', 'ms'),
      overIdeal('command line, after start', 'cli', 'served'),
      row(s, { what: 'library', ours: 'library', metric: 'ms', unit: 'ms', peer: 'bare', name: 'Promise.all' }),
    ];
  },
};
