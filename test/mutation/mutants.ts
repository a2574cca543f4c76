import type { AnyNode, CallExpression, Expression, Literal, SpreadElement } from 'acorn';
import { type Place, parsed, parses, placeName, places } from './syntax.js';

/** One small change of a file that its tests should notice. */
export interface Mutant {
  /** The function it is in. */
  in: string;
  /** The text that is replaced, and by what, with white space made one. */
  from: string;
  to: string;
  /** Which of several with the same texts in that function. */
  nth: number;
  kind: string;
  start: number;
  end: number;
  text: string;
  /** The whole text of the function, or of what else it is in: what is known of a mutant holds as long as that stays the same. */
  around: string;
}

type Change = [kind: string, text: string, of?: { start: number; end: number }];

const comparisons: Record<string, string[]> = {
  '<': ['<=', '>'],
  '<=': ['<', '>='],
  '>': ['>=', '<'],
  '>=': ['>', '<='],
  '===': ['!=='],
  '!==': ['==='],
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '%': ['*'],
  '>>': ['<<'],
  '&': ['|'],
  '|': ['&'],
};
const twins: Record<string, string> = {
  push: 'unshift',
  unshift: 'push',
  shift: 'pop',
  pop: 'shift',
  max: 'min',
  min: 'max',
  some: 'every',
  every: 'some',
  add: 'delete',
  delete: 'add',
};
const assignments: Record<string, string> = { '+=': '-=', '-=': '+=', '??=': '=', '||=': '=', '&&=': '=' };

/** Text that only people read. */
const isProse = (text: string): boolean => !/^[\w.#-]+$/.test(text);

/** All mutants of a compiled module, in the order of the text. Those that are no program are left out. */
export function mutantsOf(source: string): Mutant[] {
  const seen = new Set<string>();
  const counts = new Map<string, number>();
  const all: Mutant[] = [];
  const line = (text: string): string => text.replace(/\s+/g, ' ').trim();
  for (const place of places(parsed(source))) {
    for (const [kind, text, { start, end } = place.node] of changes(place, (node) => source.slice(node.start, node.end))) {
      const whole = source.slice(0, start) + text + source.slice(end);
      if (whole === source || seen.has(whole) || !parses(whole)) continue;
      seen.add(whole);
      const mutant = { in: placeName([place.node, ...place.around]), from: line(source.slice(start, end)), to: line(text), kind };
      const key = JSON.stringify([mutant.in, mutant.from, mutant.to]);
      const nth = counts.get(key) ?? 0;
      counts.set(key, nth + 1);
      all.push({ ...mutant, nth, start, end, text, around: source.slice(...memberAround(place)) });
    }
  }
  return all.sort((a, b) => a.start - b.start || a.end - b.end);
}

function memberAround({ node, around }: Place): [start: number, end: number] {
  const all = [node, ...around];
  const member = all.find(({ type }) => /^(MethodDefinition|PropertyDefinition|FunctionDeclaration)$/.test(type)) ?? all.at(-2) ?? node;
  return [member.start, member.end];
}

function* changes({ node, around }: Place, text: (node: { start: number; end: number }) => string): Generator<Change, void, undefined> {
  const [parent] = around;
  switch (node.type) {
    case 'ExpressionStatement':
      if (isSuperCall(node.expression)) return;
      yield ['statement deleted', ';'];
      yield* callUndone(node.expression, text);
      return;
    case 'ThrowStatement':
    case 'ForStatement':
    case 'ForOfStatement':
    case 'WhileStatement':
    case 'TryStatement':
      yield ['statement deleted', ';'];
      if (node.type === 'TryStatement' && node.finalizer && node.handler)
        yield ['finally dropped', '', { start: node.handler.end, end: node.end }];
      if ('test' in node && node.test) yield* forced(node.test, text);
      return;
    case 'IfStatement':
      yield* forced(node.test, text);
      return;
    case 'ConditionalExpression':
      yield ['condition forced', `(${text(node.consequent)})`];
      yield ['condition forced', `(${text(node.alternate)})`];
      if (!isPlain(node.test)) yield ['condition negated', `!(${text(node.test)})`, node.test];
      return;
    case 'BreakStatement':
      yield ['jump deleted', ';'];
      yield ['jump swapped', 'continue;'];
      return;
    case 'ContinueStatement':
      yield ['jump deleted', ';'];
      yield ['jump swapped', 'break;'];
      return;
    case 'ReturnStatement':
      if (!isLast(node, around)) yield ['return deleted', node.argument ? `${text(node.argument)};` : ';'];
      if (node.argument && text(node.argument) !== 'undefined') yield ['value not returned', 'return;'];
      return;
    case 'BinaryExpression':
      for (const operator of comparisons[node.operator] ?? [])
        yield ['operator swapped', `${text(node.left)} ${operator} ${text(node.right)}`];
      return;
    case 'LogicalExpression': {
      const [left, right] = [text(node.left), text(node.right)];
      yield ['one side only', left];
      yield ['one side only', right];
      yield ['operator swapped', node.operator === '&&' ? `((${left}) || (${right}))` : `((${left}) && (${right}))`];
      return;
    }
    case 'UnaryExpression':
      if (node.operator === '!' || node.operator === '-') yield ['operator dropped', text(node.argument)];
      return;
    case 'UpdateExpression': {
      const operator = node.operator === '++' ? '--' : '++';
      yield ['operator swapped', node.prefix ? `${operator}${text(node.argument)}` : `${text(node.argument)}${operator}`];
      return;
    }
    case 'AssignmentExpression': {
      const other = assignments[node.operator];
      if (other) yield ['operator swapped', `${text(node.left)} ${other} ${text(node.right)}`];
      if (parent.type !== 'ExpressionStatement') yield ['assignment dropped', `(${text(node.right)})`];
      return;
    }
    case 'Literal':
      yield* otherLiterals(node, around);
      return;
    case 'CallExpression':
      yield* otherCalls(node, parent, text);
      return;
    case 'MemberExpression':
      if (node.optional)
        yield [
          '?. made .',
          `${text(node.object)}${node.computed ? '' : '.'}${text({ start: node.object.end, end: node.end }).replace('?.', '')}`,
        ];
      return;
    case 'AwaitExpression':
      yield ['await dropped', text(node.argument)];
      return;
    case 'YieldExpression':
      yield ['yield dropped', node.argument ? text(node.argument) : 'undefined'];
      return;
    case 'ArrayExpression':
      if (node.elements.length > 0) yield ['array emptied', '[]'];
      if (node.elements.length === 1 && node.elements[0]?.type === 'SpreadElement') yield ['copy dropped', text(node.elements[0].argument)];
      return;
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      if (node.body.type !== 'BlockStatement') yield ['body emptied', 'undefined', node.body];
      else if (node.body.body.length > 0 && !(parent?.type === 'MethodDefinition' && parent.kind === 'constructor'))
        yield ['body emptied', '{}', node.body];
      return;
  }
}

function* forced(test: Expression, text: (node: AnyNode) => string): Generator<Change, void, undefined> {
  yield ['condition forced', 'true', test];
  yield ['condition forced', 'false', test];
  if (!isPlain(test)) yield ['condition negated', `!(${text(test)})`, test];
}

/** Whether its negation is a mutant of its own anyway. */
const isPlain = (test: Expression): boolean =>
  (test.type === 'BinaryExpression' && /^[!=]==?$/.test(test.operator)) || (test.type === 'UnaryExpression' && test.operator === '!');

const isLast = (node: AnyNode, [block, owner]: AnyNode[]): boolean =>
  block.type === 'BlockStatement' && block.body.at(-1) === node && /Function/.test(owner.type);

function* otherLiterals({ value, start, end }: Literal, around: AnyNode[]): Generator<Change, void, undefined> {
  const [parent] = around;
  const at = { start, end };
  if (typeof value === 'boolean') yield ['literal', String(!value), at];
  else if (typeof value === 'number') {
    yield ['literal', String(value + 1), at];
    if (value !== 0) yield ['literal', `(${value - 1})`, at];
  } else if (typeof value === 'string' && !isProse(value) && parent.type !== 'ImportDeclaration' && parent.type !== 'Property')
    yield ['literal', "''", at];
}

/** Without the call: its arguments are still evaluated. */
function* callUndone(node: Expression, text: (node: AnyNode) => string): Generator<Change, void, undefined> {
  if (node.type === 'CallExpression' && node.arguments.some(isBusy))
    yield ['call dropped', `void [${node.arguments.map(text).join(', ')}];`];
}

const isBusy = (node: Expression | SpreadElement): boolean =>
  [...places(node)].some(({ node: { type } }) => /^(Call|Update|Assignment|Yield|Await)Expression$/.test(type));
const isSuperCall = (node: Expression): boolean => node.type === 'CallExpression' && node.callee.type === 'Super';

function* otherCalls(node: CallExpression, parent: AnyNode, text: (node: AnyNode) => string): Generator<Change, void, undefined> {
  const { callee } = node;
  if (callee.type === 'Super') return;
  if (parent.type !== 'ExpressionStatement') {
    if (callee.type === 'MemberExpression' && callee.object.type !== 'Super') yield ['call dropped', `(${text(callee.object)})`];
    else
      yield [
        'call dropped',
        node.arguments.length > 0 && node.arguments[0].type !== 'SpreadElement' ? `(${text(node.arguments[0])})` : 'undefined',
      ];
  }
  if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return;
  const twin = twins[callee.property.name];
  if (twin) yield ['method swapped', twin, callee.property];
}
