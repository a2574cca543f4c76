/** Writes what each door loads now to doors.json: read the difference before it is committed. */
import { writeFileSync } from 'node:fs';
import { doors, measure, pins } from './doors.js';

writeFileSync(pins, `${JSON.stringify(Object.fromEntries(doors().map((door) => [door, measure(door)])), undefined, 2)}\n`);
