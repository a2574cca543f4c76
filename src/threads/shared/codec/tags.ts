/*
 * The compact form of plain values. A value is a tag, and what belongs to it; nothing is aligned; numbers are little-endian, as all of the processors are on
 * which Node runs.
 *
 *   small whole numbers (0 to 127)   the tag itself: 128 + n
 *   int8, int32, double, int64       1, 4, 8, 8 bytes
 *   one-byte string                  length (1 byte, or 2), a byte for each character
 *   two-byte string                  length (2 bytes), 2 bytes for each character
 *   array                            length (1 byte), the elements, holes among them
 *   object                           number of keys (1 byte), size of the keys (2 bytes), for each key its length (1 byte) and bytes; then the values
 */
export const UNDEFINED = 0;
export const NULL = 1;
export const TRUE = 2;
export const FALSE = 3;
export const HOLE = 4;
export const INT8 = 5;
export const INT32 = 6;
export const DOUBLE = 7;
export const INT64 = 8;
export const SHORT_TEXT = 9;
export const TEXT = 10;
export const WIDE_TEXT = 11;
export const ARRAY = 12;
export const OBJECT = 13;
export const SMALL = 128;
