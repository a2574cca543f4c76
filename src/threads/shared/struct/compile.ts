import { stays, travels } from '../../../core/index.js';
import { arrayClasses, isInteger } from '../kinds.js';
import { atomicAt } from '../shared-array.js';
import { layOut, type Plain, type PlainStruct } from './layout.js';
import { AT, addMethods, atomicIn, newMemory, numbersAt, setAll, VIEWS } from './record.js';
import { type RecordClass, StructArray } from './struct-array.js';
import { Views } from './views.js';

const atomicStays = (): never => stays('the atomic view of a record', 'pass the record itself, or one of the numbers in the view');

/** What the generated code calls. Accessors of numbers call nothing: they are one load or store, which V8 puts in place of the access. */
const helpers = { travels, atomicStays, VIEWS, AT, Views, StructArray, atomicAt, atomicIn, numbersAt, setAll, newMemory };

const classes = new Map<string, RecordClass>();

/** The class of a struct: the same for the same fields. */
export function classOf(struct: PlainStruct): RecordClass {
  const key = JSON.stringify(struct);
  let Record = classes.get(key);
  if (Record === undefined) {
    Record = compile(struct);
    classes.set(key, Record);
  }
  return Record;
}

/*
 * Code is generated, and not closures made, because closures of one place in the source share what V8 learns about types: with five structs in a program every
 * access would be looked up. It goes through node:vm, which works also where `eval` is forbidden. Of the user's it contains names, which are identifiers.
 */
function compile(struct: PlainStruct): RecordClass {
  const layout = layOut(struct);
  const nested: RecordClass[] = [];
  const kinds = new Set(kindsIn(struct));
  const fields = layout.fields.map(({ name, offset, type }) => accessors(name, offset, type, nested));
  const atomics = layout.fields.map(({ name, offset, type }) => atomicAccessor(name, offset, type, nested));
  const source = `const { ${Object.keys(helpers).join(', ')} } = helpers;
class Atomic {
  constructor(views, at) { this[VIEWS] = views; this[AT] = at; }
  [travels]() { return atomicStays(); }
  ${atomics.join('\n  ')}
}
class Struct {
  constructor(fields, at) {
    if (fields instanceof Views) { this[VIEWS] = fields; this[AT] = at; }
    else {
      this[VIEWS] = new Views(newMemory(${layout.size}), kinds);
      this[AT] = 0;
      if (fields !== undefined) this.set(fields);
    }
  }
  get atomic() { return new Atomic(this[VIEWS], this[AT]); }
  ${fields.join('\n  ')}
}
return Struct;`;
  const { compileFunction } = process.getBuiltinModule('node:vm');
  const Struct = compileFunction(source, ['helpers', 'nested', 'kinds'])(helpers, nested, kinds) as RecordClass;
  addMethods(Struct, struct, layout, kinds);
  return Struct;
}

const shifts: Record<number, number> = { 1: 0, 2: 1, 4: 2, 8: 3 };

/** The place of a number in the typed array of its kind. */
function element(kind: string, offset: number): string {
  const bytes = kind === 'bool' ? 1 : (arrayClasses.get(kind)?.BYTES_PER_ELEMENT ?? 1);
  return `(this[AT] >>> ${shifts[bytes]}) + ${offset / bytes}`;
}

function accessors(name: string, offset: number, type: Plain, nested: RecordClass[]): string {
  const both = (get: string, set: string): string => `get ${name}() { return ${get}; }\n  set ${name}(value) { ${set}; }`;
  const at = `this[AT] + ${offset}`;
  if (type === 'bool') {
    const flag = `this[VIEWS].u8[${element(type, offset)}]`;
    return both(`${flag} !== 0`, `${flag} = value ? 1 : 0`);
  }
  if (typeof type === 'string') {
    const number = `this[VIEWS].${type}[${element(type, offset)}]`;
    return both(number, `${number} = value`);
  }
  if (type[0] === 'text')
    return both(`this[VIEWS].readText(${at}, ${type[1]})`, `this[VIEWS].writeText(${at}, ${type[1]}, value, '${name}')`);
  if (type[0] === 'struct') {
    const i = nested.push(classOf(type)) - 1;
    return both(`new nested[${i}](this[VIEWS], ${at})`, `this.${name}.set(value)`);
  }
  const [, of, length] = type;
  if (typeof of === 'string') return both(`numbersAt('${of}', this[VIEWS], ${at}, ${length})`, `setAll(this.${name}, value, '${name}')`);
  const i = nested.push(classOf(of as PlainStruct)) - 1;
  return both(`new StructArray(nested[${i}], this[VIEWS], ${at}, ${length})`, `setAll(this.${name}, value, '${name}')`);
}

function atomicAccessor(name: string, offset: number, type: Plain, nested: RecordClass[]): string {
  if (typeof type === 'string') {
    if (!isInteger(type)) return '';
    return `get ${name}() { return atomicAt('${type}', this[VIEWS].${type}, ${element(type, offset)}); }`;
  }
  if (type[0] === 'text') return '';
  const at = `this[AT] + ${offset}`;
  if (type[0] === 'struct') {
    const i = nested.push(classOf(type)) - 1;
    return `get ${name}() { return new nested[${i}](this[VIEWS], ${at}).atomic; }`;
  }
  const [, of, length] = type;
  if (typeof of !== 'string') {
    const i = nested.push(classOf(of as PlainStruct)) - 1;
    return `get ${name}() { return (index) => new StructArray(nested[${i}], this[VIEWS], ${at}, ${length}).get(index).atomic; }`;
  }
  if (!isInteger(of)) return '';
  return `get ${name}() { return (index) => atomicIn('${of}', this[VIEWS], ${at}, ${length}, index); }`;
}

/** The kinds of number that there are in a type. */
export function* kindsIn(type: Plain): Generator<string> {
  if (type === 'bool') yield 'u8';
  else if (typeof type === 'string') yield type;
  else if (type[0] === 'array') yield* kindsIn(type[1]);
  else if (type[0] === 'struct') for (const [, of] of type[1]) yield* kindsIn(of);
}
