import { otherNodes } from '../harness/machine.mjs';
import { row } from '../harness/row.mjs';

const contenders = {
  async: { contender: 'meantime-async' },
  generators: { contender: 'meantime-generators' },
  bare: { contender: 'bare-async' },
  'bare in storage': { contender: 'bare-async', params: { storage: true } },
};

const others = otherNodes();
const nodes = [{ binary: process.execPath, version: process.versions.node }, ...others];

export default {
  id: 'tasks-als',
  title: 'Tasks: what one costs under AsyncLocalStorage, by Node',
  method:
    'Spawn and join of 500,000 that do nothing, as above, on this Node and on those that MEANTIME_NODES names. Up to Node 22 an AsyncLocalStorage in use makes every promise slower, of whomever; ' +
    'later it hardly does. The floor is bare async functions without one.',
  rounds: { full: 3, quick: 1 },
  contenders: ({ quick }) =>
    nodes.flatMap(({ binary, version }) =>
      Object.entries(contenders).map(([id, spec]) => ({
        id: `${id}, ${version}`,
        contender: spec.contender,
        measure: 'repeated',
        node: binary,
        params: { operation: 'spawn', n: quick ? 200_000 : 500_000, ...spec.params },
      })),
    ),
  rows: (s) =>
    nodes.flatMap(({ version }, i) => {
      const cost = { metric: 'ns', unit: 'ns', floor: { id: `bare, ${version}`, name: 'Promise.all' } };
      const storage = `bare in storage, ${version}`;
      const under = { peer: storage, name: 'Promise.all in als.run' };
      const note = i === 0 && others.length === 0 ? 'MEANTIME_NODES names no other Node, so there is nothing to compare with' : undefined;
      return [
        row(s, { ...cost, ...under, ours: `async, ${version}`, what: `async functions, Node ${version}`, note }),
        row(s, { ...cost, ...under, ours: `generators, ${version}`, what: `generators, Node ${version}` }),
        row(s, { ...cost, ours: storage, what: `bare in a storage, Node ${version}`, peer: `bare, ${version}`, name: 'Promise.all' }),
      ];
    }),
};
