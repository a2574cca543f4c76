// Records anew what asyncio does with a few hundred small programs, for where there is no Python: node build/test/against-asyncio/record.js
import { writeFileSync } from 'node:fs';
import { findPython, Python } from './python.js';
import { file, size, write } from './recorded.js';
import { draw } from './versus.js';

const name = findPython();
if (name === undefined) throw new Error('a Python of 3.11 or newer is needed, found none. MEANTIME_PYTHON may name one');
const python = new Python(name);
const { cases } = await draw(python, 1, 300, size);
const text = write(await python.version, cases);
writeFileSync(file, text);
await python.end();
console.log(`${cases.length} programs, ${text.length} bytes, in ${file}`);
