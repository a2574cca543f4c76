import { allBare } from '../core/index.js';
import { inputOptions } from './input-options.js';
import type { OptionSpec } from './option-table.js';
import { bytes, duration, perSecond, wholeFrom, word } from './quantities.js';

/** The options of `meantime map`, in the order of its help. */
export const mapOptions: readonly OptionSpec[] = allBare<OptionSpec>([
  ...inputOptions,
  {
    name: 'on',
    value: 'WHERE',
    read: word('auto', 'tasks', 'threads', 'processes'),
    about: 'Where to run: auto (default) measures the calls and finds out; threads, processes, or tasks on one thread',
  },
  { name: 'workers', short: 'w', value: 'N', read: wholeFrom(1), about: 'How many threads or processes (default: as many as pay)' },
  { name: 'concurrency', short: 'c', value: 'N', read: wholeFrom(1), about: 'Calls at a time in each worker (default: as many as pay)' },
  { name: 'max-workers', value: 'N', read: wholeFrom(1), about: 'On auto: never more threads than that' },
  { name: 'max-concurrency', value: 'N', read: wholeFrom(1), about: 'On auto: never more calls at a time than that, over all threads' },
  { name: 'explain', about: 'On auto: tell at the end what was decided, and why' },
  { name: 'memory-limit', value: 'SIZE', read: bytes, about: 'The most memory for a worker, such as 512MB' },
  { name: 'timeout', value: 'TIME', read: duration, about: 'The most a call may take: 500 (ms), 2s, 1m' },
  {
    name: 'start-timeout',
    value: 'TIME',
    read: duration,
    about: 'The most a worker may take to start and to import the module (default: 30s)',
  },
  { name: 'retries', value: 'N', read: wholeFrom(0), about: 'Run a failed call again up to N times (default: 0)' },
  { name: 'backoff', value: 'TIME', read: duration, about: 'The wait before the first retry, doubled each time (default: 200ms)' },
  { name: 'rate', value: 'N', read: perSecond, about: 'The most calls to start: 100/s, 30/m' },
  { name: 'chunk', value: 'N', read: wholeFrom(1), about: 'Inputs in a message to a worker (default: found by measuring)' },
  { name: 'ordered', about: 'Results in the order of the inputs (default: as they come)' },
  { name: 'out', short: 'o', value: 'FILE', about: 'Write results to FILE, with a journal beside it (default: standard output)' },
  { name: 'errors', value: 'FILE', about: 'Write failures to FILE (default: with the results)' },
  { name: 'resume', about: 'Continue the run that wrote --out, wherever it was stopped or killed' },
  { name: 'retry-failed', about: 'With --resume: run the failed inputs again' },
  { name: 'force', about: 'Overwrite what --out and --errors hold; with --resume: go on although the journal is gone' },
  { name: 'json', about: 'Tell progress as JSON events, one a line, on standard error' },
  { name: 'quiet', short: 'q', about: 'Tell errors only' },
]);

/** Shown at the end of `meantime map --help`. */
export const mapNotes = `FUNCTION is a module and one of its exports: ./thumbs.ts#resize, some-package#fn. Without #, the default export.
  It is called with one input at a time, and its value, or what its promise gives, is the result.

  INPUTS are given to the function as strings. One with a * is a pattern for file names; a "-" reads lines from
  standard input.

  Each input gets one line of JSON:
    {"index":0,"input":"a.jpg","status":"fulfilled","value":{"width":120}}
    {"index":1,"input":"b.jpg","status":"rejected","error":{"name":"Error","message":"Not a picture"}}

  Ctrl-C finishes what is running and says how to resume; a second one stops at once.

  Exit code: 0 all went well, 1 some inputs failed or results could not be written, 2 wrong usage or unreadable inputs,
  130 interrupted, 141 whoever read the results went away.`;

/** Shown under "Examples". */
export const mapExamples: readonly string[] = [
  "meantime map ./thumbs.ts#resize 'photos/**/*.jpg' --out done.jsonl",
  "meantime map ./thumbs.ts#resize 'photos/**/*.jpg' --out done.jsonl --resume",
  'meantime map ./check.js#head --lines urls.txt --on tasks --concurrency 50 --rate 100/s --retries 3',
  'meantime map ./score.js --csv people.csv --errors failed.jsonl --out scores.jsonl',
  'meantime map ./primes.js#isPrime --range 1..1000000 --ordered | head',
];
