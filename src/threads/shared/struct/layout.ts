import { OptionError, whole } from '../../../core/index.js';
import { arrayClasses, classOfKind } from '../kinds.js';
import { ArrayType, type FieldPlace, TextType } from './schema.js';

/*
 * A type as plain data, the same in every thread: `'f64'`, `['text', 16]`, `['array', type, 8]`, `['struct', [[name, type], …]]`. As text it names the
 * struct's class, so the same fields are the same class wherever they are written down.
 */
export type Plain = string | readonly ['text', number] | readonly ['array', Plain, number] | PlainStruct;
export type PlainStruct = readonly ['struct', readonly (readonly [string, Plain])[]];

/** The description of a class that `struct` made. */
export const described: unique symbol = Symbol('described');

/** Deeper than that is a schema that has itself inside. */
const DEEPEST = 32;

/** A type of a field as plain data. */
export function describe(type: unknown, field: string, depth = 0): Plain {
  if (typeof type === 'string') {
    if (type !== 'bool') classOfKind(`Field "${field}"`, type);
    return type;
  }
  if (type instanceof TextType) return ['text', type.bytes];
  if (type instanceof ArrayType) {
    const of = describe(type.of, field, depth + 1);
    if (of === 'bool' || of[0] === 'text' || of[0] === 'array') {
      throw new OptionError(`Field "${field}" expects an array of numbers or of structs: put what else there is into a struct`);
    }
    return ['array', of, type.length];
  }
  const known = (type as { [described]?: PlainStruct } | null | undefined)?.[described];
  if (known !== undefined) return known;
  if (typeof type !== 'object' || type === null) {
    classOfKind(`Field "${field}"`, type);
  }
  return describeStruct(type as object, field, depth + 1);
}

/**
 * Most fields of a description that comes from elsewhere, those of structs inside counted each
 * time.
 */
const MOST_FIELDS = 100_000;

/**
 * Whether plain data is the description of a struct, as `describeStruct` makes it. Source text is
 * made of it: each name has to be one.
 */
export function isDescription(plain: unknown): plain is PlainStruct {
  let left = MOST_FIELDS;
  const isStruct = (v: unknown, depth: number): boolean => {
    if (!Array.isArray(v) || v.length !== 2 || v[0] !== 'struct' || !Array.isArray(v[1]) || v[1].length === 0 || depth > DEEPEST)
      return false;
    const names = new Set<unknown>();
    for (const field of v[1]) {
      if (--left < 0 || !Array.isArray(field) || field.length !== 2) return false;
      const [name, type] = field as unknown[];
      if (typeof name !== 'string' || faultOfName(name) !== undefined || names.has(name) || !isType(type, depth)) return false;
      names.add(name);
    }
    return true;
  };
  const isType = (v: unknown, depth: number): boolean => {
    if (typeof v === 'string') return v === 'bool' || arrayClasses.has(v);
    if (!Array.isArray(v)) return false;
    if (v[0] === 'struct') return isStruct(v, depth + 1);
    if (v[0] === 'text') return v.length === 2 && isCount(v[1]);
    if (v[0] !== 'array' || v.length !== 3 || !isCount(v[2])) return false;
    return typeof v[1] === 'string' ? arrayClasses.has(v[1]) : isStruct(v[1], depth + 1);
  };
  return isStruct(plain, 0);
}

const isCount = (v: unknown): boolean => whole(1, 2 ** 32 - 1)(v) === undefined;

const reserved = new Set(['atomic', 'set', 'toJSON', 'constructor', '__proto__']);

export function describeStruct(schema: unknown, where: string, depth = 0): PlainStruct {
  const proto = typeof schema === 'object' && schema !== null ? Object.getPrototypeOf(schema) : undefined;
  if (proto !== Object.prototype && proto !== null)
    throw new OptionError(`${where} expects its fields as a plain object, got ${String(schema)}`);
  if (depth > DEEPEST) throw new OptionError(`${where}: structs inside structs, more than ${DEEPEST} deep`);
  const fields = Object.keys(schema as object).map((name): [string, Plain] => {
    const fault = faultOfName(name);
    if (fault !== undefined) throw new OptionError(fault);
    return [name, describe((schema as Record<string, unknown>)[name], name, depth)];
  });
  if (fields.length === 0) throw new OptionError(`${where} expects at least one field`);
  return ['struct', fields];
}

/**
 * The fault of the name of a field, if it has one. Names of digits would come first, whatever their
 * place in the schema.
 */
function faultOfName(name: string): string | undefined {
  if (!/^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(name)) return `A field's name is an identifier, got ${JSON.stringify(name)}`;
  return reserved.has(name) ? `A field cannot be named "${name}": every record has something of that name` : undefined;
}

/** Where each field lies: in the order in which they are written, each at a multiple of its alignment, as in C. */
export interface Layout {
  size: number;
  alignment: number;
  fields: (FieldPlace & { readonly type: Plain })[];
}

export function layOut([, described]: PlainStruct): Layout {
  let end = 0;
  let alignment = 1;
  const fields = described.map(([name, type]) => {
    const own = measure(type);
    const offset = roundUp(end, own.alignment);
    end = offset + own.size;
    alignment = Math.max(alignment, own.alignment);
    return Object.freeze({ name, offset, size: own.size, type });
  });
  return { size: roundUp(end, alignment), alignment, fields };
}

/** How much room a type takes. */
export function measure(type: Plain): { size: number; alignment: number } {
  if (typeof type === 'string') {
    const size = type === 'bool' ? 1 : classOfKind('sizeOf', type).BYTES_PER_ELEMENT;
    return { size, alignment: size };
  }
  if (type[0] === 'text') return { size: roundUp(4 + type[1], 4), alignment: 4 };
  if (type[0] === 'struct') return layOut(type);
  const { size, alignment } = measure(type[1]);
  return { size: size * type[2], alignment };
}

export const roundUp = (n: number, to: number): number => Math.ceil(n / to) * to;
