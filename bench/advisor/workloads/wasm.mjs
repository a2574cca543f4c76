const section = (id, bytes) => [id, bytes.length, ...bytes];

const GET = 0x20;
const SET = 0x21;
const TEE = 0x22;
const CONST = 0x41;
const [SHL, SHR, XOR, SUB] = [0x74, 0x76, 0x73, 0x6b];

const body = [
  ...[1, 1, 0x7f], // a local: x
  ...[CONST, 0xe5, 0xd4, 0x00, SET, 1], // x = 10853
  ...[0x03, 0x40], // loop
  ...[GET, 1, GET, 1, CONST, 13, SHL, XOR, TEE, 1],
  ...[GET, 1, CONST, 17, SHR, XOR, TEE, 1],
  ...[GET, 1, CONST, 5, SHL, XOR, SET, 1],
  ...[GET, 0, CONST, 1, SUB, TEE, 0, 0x0d, 0], // while (--n)
  ...[0x0b, GET, 1, 0x0b],
];

// (module (func (export "mix") (param $n i32) (result i32) …))
const module = new WebAssembly.Module(
  new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 1, 0x7f, 1, 0x7f]),
    ...section(3, [1, 0]),
    ...section(7, [1, 3, ...Buffer.from('mix'), 0, 0]),
    ...section(10, [1, body.length, ...body]),
  ]),
);
const { mix } = new WebAssembly.Instance(module).exports;

/** The same arithmetic as in `churn`, in WebAssembly. */
export function mixInWasm(rounds) {
  return mix(rounds);
}
