import { row } from '../harness/row.mjs';

export default {
  id: 'tiny-processes',
  title: 'Tiny calls, 1,000 in flight, processes',
  method:
    '`add(1, 2)` on two processes; each of 1,000 lanes awaits its call and makes the next. Python waits for its futures in their order and submits one for each.',
  rounds: { full: 5, quick: 1 },
  contenders: ({ quick }) => {
    const length = quick ? { warm: 200, ms: 400 } : { warm: 400, ms: 800 };
    return [
      { id: 'meantime', contender: 'meantime-processes', measure: 'in-flight', params: length },
      { id: 'workerpool', contender: 'workerpool', measure: 'in-flight', params: length },
      { id: 'tinypool', contender: 'tinypool', measure: 'in-flight', params: { ...length, runtime: 'child_process' } },
      { id: 'python', script: 'submit', params: { ...length, inFlight: 1000 } },
      { id: 'socket', contender: 'socket', measure: 'flood', params: { ...length, workers: 2, inFlight: 1000 } },
      { id: 'socket one', contender: 'socket', measure: 'one-at-a-time', params: { warm: 300, calls: 1000 } },
      { id: 'meantime one', contender: 'meantime-processes', measure: 'one-at-a-time', params: { warm: 300, calls: 1000 } },
    ];
  },
  rows: (s) => {
    const rate = { metric: 'perSecond', unit: '/s', floor: { id: 'socket', name: 'bare socket, one write a call' } };
    return [
      row(s, { ...rate, what: 'workerpool, processes', peer: 'workerpool', goal: { atLeast: 15 } }),
      row(s, { ...rate, what: 'ProcessPoolExecutor.submit', peer: 'python', name: 'Python', goal: { atLeast: 30 } }),
      row(s, { ...rate, what: 'tinypool, child_process', peer: 'tinypool' }),
      row(s, { what: 'main thread per call', metric: 'mainCpu', unit: 'µs', peer: 'workerpool' }),
      row(s, { what: 'one at a time', metric: 'us', unit: 'µs', ours: 'meantime one', peer: 'socket one', name: 'bare socket' }),
    ];
  },
};
