// Functions that do real things, each with what it is bound by, said from what Node does in it and not from what a tool prints.
//
// `kind` is a WorkKind of meantime/advisor. `alsoRight` is there where two answers are honestly right, and `why` says so. Amounts are fixed, not measured, so how long a
// call takes depends on the machine; the parts of a mix are far enough from the borders for a processor half or twice as fast, but for those that say "near a border".
import { records } from './data.mjs';

const text = JSON.stringify(records(3000));
const four = [1, 2, 3, 4];

const cpu = [
  { module: 'json', export: 'parseBig', inputs: four, why: 'parsing is arithmetic on the thread' },
  { module: 'json', export: 'parseGiven', inputs: [text], why: 'the same, of a text that has to travel' },
  { module: 'json', export: 'stringifyBig', inputs: four, twin: 'json.parseBig', why: 'so is writing' },
  { module: 'json', export: 'cloneDeep', inputs: four, why: 'structuredClone writes and reads on the thread' },
  { module: 'json', export: 'groupAndSort', inputs: ['score', 'id'], why: 'plain JavaScript over records' },
  { module: 'regex', export: 'matchLog', inputs: ['200', '500'], why: 'expressions run on the thread' },
  { module: 'regex', export: 'backtrack', inputs: [22], why: 'one expression that takes for ever is no less computing' },
  { module: 'regex', export: 'replaceAll', inputs: four, twin: 'regex.matchLog', why: 'as above, with a function in between' },
  { module: 'zlib', export: 'gzipNow', inputs: [6], why: 'the Sync form compresses on the thread' },
  { module: 'zlib', export: 'gunzipNow', inputs: four, twin: 'zlib.gzipNow', why: 'and so it unpacks' },
  { module: 'zlib', export: 'brotliNow', inputs: four, twin: 'zlib.gzipNow', why: 'the Sync form compresses on the thread' },
  { module: 'crypto', export: 'pbkdf2Now', inputs: [8000], why: 'the Sync form derives on the thread' },
  { module: 'crypto', export: 'scryptNow', inputs: [8192], twin: 'crypto.pbkdf2Now', why: 'the Sync form derives on the thread' },
  { module: 'crypto', export: 'hashLarge', inputs: ['sha256', 'sha1'], why: 'createHash has no other form: it is on the thread' },
  { module: 'crypto', export: 'signMany', inputs: [10], why: 'signing without a callback is on the thread' },
  {
    module: 'fs-sync',
    export: 'readCached',
    inputs: four,
    why: 'the file is in the cache: what takes time is the copy, which the processor makes on this thread',
  },
  {
    module: 'fs-sync',
    export: 'statMany',
    inputs: [1500],
    why: 'the inodes are in the cache: each call is a trip into the kernel and back',
  },
  { module: 'fs-sync', export: 'walk', inputs: four, twin: 'fs-sync.statMany', why: 'as above, with the making of the entries' },
  {
    module: 'fs-async',
    export: 'statMany',
    inputs: [400],
    alsoRight: ['mixed', 'pool-bound'],
    why: 'the stat itself is nothing: what takes time is the thread that makes and settles 400 promises, while four threads of the pool help. Where the border lies is a matter of the Node',
  },
  { module: 'timers', export: 'immediates', inputs: [2000], why: 'the loop turns, but never has nothing to do' },
  { module: 'timers', export: 'microtasks', inputs: [100_000], twin: 'timers.immediates', why: 'it awaits what is there already' },
  { module: 'wasm', export: 'mixInWasm', inputs: [4_000_000], why: 'WebAssembly runs on the thread' },
  { module: 'image', export: 'resizePixels', inputs: [256], twin: 'image.thumbnail', why: 'arithmetic over pixels' },
  { module: 'image', export: 'thumbnail', inputs: [128], why: 'pngjs decodes and encodes on the thread' },
  { module: 'markdown', export: 'renderWithMarked', inputs: four, why: 'a parser in JavaScript' },
  { module: 'markdown', export: 'renderWithMarkdownIt', inputs: four, twin: 'markdown.renderWithMarked', why: 'a parser in JavaScript' },
  { module: 'sql', export: 'report', inputs: ['Oslo', 'Lima'], why: 'SQLite in WebAssembly, in memory' },
  { module: 'sql', export: 'fillAndCount', inputs: [2000], twin: 'sql.report', why: 'SQLite in WebAssembly, in memory' },
  { module: 'compute', export: 'primesBelow', inputs: [1_000_000], twin: 'compute.churnAsync', why: 'a loop' },
  { module: 'compute', export: 'multiply', inputs: [400], why: 'three loops, and long' },
  { module: 'compute', export: 'churnAsync', inputs: [8_000_000], why: 'an async function that never waits' },
  { module: 'mixes', export: 'readAndHash', inputs: ['middle'], why: 'the hash takes far longer than the read of a cached file' },
];

const blocking = [
  { module: 'fs-sync', export: 'writeAndSync', inputs: [8], why: 'the thread stands still until the disk has it' },
  { module: 'fs-sync', export: 'appendFlushed', inputs: [8], twin: 'fs-sync.writeAndSync', why: 'the same, line by line' },
  { module: 'waits', export: 'sleepSync', inputs: [20], why: 'Atomics.wait holds the thread and uses no processor' },
  { module: 'waits', export: 'workThenSleepSync', inputs: [25], why: 'some 2 ms of work, then 25 ms of standing still' },
  { module: 'children', export: 'sleepSync', inputs: ['0.02'], why: 'the thread stands still until the other program ends' },
  { module: 'children', export: 'countSync', inputs: [20_000], why: 'the same, and it is the other program that computes' },
];

const pool = [
  { module: 'zlib', export: 'gzipLater', inputs: [6], why: 'the form with a callback compresses in the pool' },
  { module: 'zlib', export: 'brotliLater', inputs: four, twin: 'zlib.gzipLater', why: 'the form with a callback compresses in the pool' },
  { module: 'zlib', export: 'deflateStream', inputs: four, why: 'a stream hands each chunk to the pool' },
  { module: 'crypto', export: 'pbkdf2Later', inputs: [16_000], why: 'the form with a callback derives in the pool' },
  {
    module: 'crypto',
    export: 'scryptLater',
    inputs: [32_768],
    why: 'the form with a callback derives in the pool, and here it takes long',
  },
  { module: 'crypto', export: 'randomBytesLater', inputs: [12], why: 'the form with a callback fills in the pool' },
  { module: 'crypto', export: 'signLater', inputs: [10], twin: 'crypto.pbkdf2Later', why: 'with a callback, signing goes to the pool' },
  { module: 'crypto', export: 'digestLater', inputs: four, why: 'WebCrypto does its work in the pool' },
  {
    module: 'fs-async',
    export: 'readCached',
    inputs: four,
    alsoRight: ['mixed', 'cpu-bound'],
    why: 'the pool copies from the cache, and the thread takes it over in hundreds of small pieces: the two are about even',
  },
  { module: 'fs-async', export: 'readInPieces', inputs: [3], why: 'a few large reads, each a copy that the pool makes' },
  {
    module: 'mixes',
    export: 'deriveThenWork',
    inputs: [{ rounds: 16_000, steps: 800_000 }],
    why: 'far more in the pool than on the thread',
  },
  {
    module: 'dns',
    export: 'lookupLocalhost',
    inputs: four,
    alsoRight: ['tiny', 'cpu-bound'],
    why: 'getaddrinfo runs in the pool and only reads a file; it is so short that the way there and back, the work of the thread, may be the greater part of it',
  },
];

const io = [
  { module: 'http', export: 'get', inputs: [20], why: 'it waits for the server' },
  { module: 'http', export: 'fetchText', inputs: [30], why: 'it waits for the server' },
  { module: 'http', export: 'fetchPages', inputs: [15], why: 'it waits for the server, three times' },
  { module: 'http', export: 'post', inputs: [25], twin: 'http.fetchText', why: 'it waits for the server' },
  {
    module: 'dns',
    export: 'resolveName',
    inputs: ['some.test', 'other.test'],
    why: 'it waits for the name server; the pool has no part in it',
  },
  { module: 'timers', export: 'sleepFor', inputs: [20], why: 'a timer' },
  { module: 'timers', export: 'poll', inputs: [5], twin: 'timers.sleepFor', why: 'timers' },
  {
    module: 'children',
    export: 'sleepLater',
    inputs: ['0.04'],
    why: 'it waits for another program; to start it costs the thread a little',
  },
  { module: 'children', export: 'compressOutside', inputs: [9], why: 'it waits for another program, which computes' },
  {
    module: 'fs-async',
    export: 'writeAndSync',
    inputs: [8],
    alsoRight: ['pool-bound'],
    why: 'a thread of the pool waits for the disk, and nothing computes; yet it is the pool that it fills',
  },
  { module: 'mixes', export: 'fetchAndGzip', inputs: [40], why: 'far more of it is the server than the pool' },
  {
    name: 'workThenSleep 5:95',
    module: 'mixes',
    export: 'workThenSleep',
    inputs: [{ rounds: 800_000, ms: 30 }],
    why: 'nearly all of it is waiting',
  },
];

const mixed = [
  {
    name: 'workThenSleep 50:50',
    module: 'mixes',
    export: 'workThenSleep',
    inputs: [{ rounds: 8_000_000, ms: 15 }],
    why: 'it computes, then waits as long',
  },
  {
    name: 'workThenSleep 70:30',
    module: 'mixes',
    export: 'workThenSleep',
    inputs: [{ rounds: 14_000_000, ms: 10 }],
    why: 'it computes, then waits',
  },
  { module: 'mixes', export: 'workAndSleepInTurns', inputs: [{ rounds: 2_000_000, ms: 4, times: 4 }], why: 'in turns' },
  {
    module: 'mixes',
    export: 'fetchAndParse',
    inputs: [{ ms: 25, records: 5500 }],
    why: 'the server takes as long as the reading of its answer',
  },
  {
    name: 'workThenSleep 20:80',
    module: 'mixes',
    export: 'workThenSleep',
    inputs: [{ rounds: 4_000_000, ms: 28 }],
    alsoRight: ['io-bound'],
    why: 'near a border: a fifth of it is computing, which is enough to fill a core when many are in flight',
  },
];

const tiny = [
  { module: 'compute', export: 'addOne', inputs: four, why: 'an addition' },
  { module: 'regex', export: 'isEmail', inputs: ['ada@example.org', 'nobody'], twin: 'compute.addOne', why: 'a short expression' },
  { module: 'crypto', export: 'shortHash', inputs: ['some key', 'other'], why: 'a microsecond or two' },
  { module: 'timers', export: 'identity', inputs: four, why: 'one turn of the microtasks' },
];

const almostAll = { name: 'workThenSleep 96:4', module: 'mixes', export: 'workThenSleep', inputs: [{ rounds: 24_000_000, ms: 1 }] };

const of = (kind, list) => list.map(({ name, ...entry }) => ({ name: name ?? `${entry.module}.${entry.export}`, kind, ...entry }));

/** `{ name, module, export, inputs, kind, alsoRight?, twin?, why }`; a `twin` is another that does the same to the machine, so that what takes long is measured of one of them only. */
export const workloads = [
  ...of('cpu-bound', [...cpu, { ...almostAll, why: 'the wait is too short to be of use' }]),
  ...of('blocking', blocking),
  ...of('pool-bound', pool),
  ...of('io-bound', io),
  ...of('mixed', mixed),
  ...of('tiny', tiny),
];

/** The function of a workload, from its own module: so it can travel. */
export async function load({ module, export: name }) {
  return (await import(new URL(`${module}.mjs`, import.meta.url)))[name];
}
