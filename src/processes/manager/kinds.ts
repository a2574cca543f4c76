import { listOf, sequence, textOf } from '../../core/index.js';
import { registerKind } from '../../wire/index.js';
import { idOf, secretOf } from '../hub/ids.js';
import type { Where } from '../hub/messages.js';
import { isWhere } from '../hub/where.js';
import { linkTo } from './link.js';
import { Manager } from './manager.js';
import { isMethodName, MOST_METHODS } from './members.js';
import { makeRemote } from './remote-object.js';

type Parts = readonly [where: Where, id: string, className: string, methods: readonly string[], ticket: string];

/** The longest name of a class or of a method, in characters. */
const LONGEST = 10_000;

const method = (v: unknown) => (typeof v === 'string' && v.length <= LONGEST && isMethodName(v) ? undefined : 'the name of a method');
const managerParts = sequence(isWhere, secretOf('a manager'));
const parts = sequence(
  isWhere,
  idOf('an object'),
  (v) => (typeof v === 'string' && v.length <= LONGEST ? undefined : 'the name of a class'),
  listOf(method, MOST_METHODS),
  textOf('a ticket', /^[0-9a-f-]{36}$/, 36),
);

/** How managers and the handles of their objects are made again where they arrive. */
export function registerManager(): void {
  registerKind('processes/Manager', managerParts, ([where, secret]: readonly [Where, string]) => Manager.over(linkTo(where, secret)));
  registerKind('processes/Remote', parts, ([where, id, className, methods, ticket]: Parts) =>
    makeRemote(linkTo(where), id, className, methods, ticket),
  );
}
