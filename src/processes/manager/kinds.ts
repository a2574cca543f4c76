import { registerKind } from '../../wire/index.js';
import type { Where } from '../hub/messages.js';
import { linkTo } from './link.js';
import { Manager } from './manager.js';
import { makeRemote } from './remote-object.js';

type Parts = readonly [where: Where, id: number, className: string, methods: readonly string[], ticket: string];

/** How managers and the handles of their objects are made again where they arrive. */
export function registerManager(): void {
  registerKind('processes/Manager', (where: Where) => Manager.over(linkTo(where)));
  registerKind('processes/Remote', ([where, id, className, methods, ticket]: Parts) =>
    makeRemote(linkTo(where), id, className, methods, ticket),
  );
}
