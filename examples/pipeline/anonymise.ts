import { type BinaryLike, hkdf } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGzip, type Gzip } from 'node:zlib';
import { currentSignal, Queue, withTaskGroup } from 'meantime/tasks';
import { type Hit, parse } from './log.js';

const derive = promisify(hkdf);

export interface Options {
  /** How many lines each queue holds at most. */
  readonly capacity: number;
  /** How many lines are in work at a time between the two queues. */
  readonly workers: number;
  readonly secret: BinaryLike;
}

export interface Flow {
  read: number;
  written: number;
  /** The most that each queue has ever held. */
  most: { hits: number; records: number };
  /** The most that the reader was ever ahead of the writer, in lines. */
  lead: number;
}

/**
 * Reads a log, replaces each address by a name that tells nothing, and writes the rest as compressed JSON lines. Three stages side by side, with a queue
 * between each two: whoever is quicker than the next one waits.
 */
export async function anonymise(from: string, to: string, { capacity, workers, secret }: Options): Promise<Flow> {
  const hits = new Queue<Hit>(capacity);
  const records = new Queue<string>(capacity);
  const flow: Flow = { read: 0, written: 0, most: { hits: 0, records: 0 }, lead: 0 };

  async function reader(): Promise<void> {
    await using file = await open(from);
    for await (const text of file.readLines({ signal: currentSignal() })) {
      await hits.put(parse(text, flow.read + 1));
      flow.read++;
      flow.most.hits = Math.max(flow.most.hits, hits.size);
      flow.lead = Math.max(flow.lead, flow.read - flow.written);
    }
    hits.close();
  }

  async function worker(): Promise<void> {
    for await (const { from: address, ...hit } of hits) {
      const name = Buffer.from(await derive('sha256', address, secret, 'visitor', 6)).toString('hex');
      await records.put(`${JSON.stringify({ ...hit, visitor: name })}\n`);
      flow.most.records = Math.max(flow.most.records, records.size);
    }
  }

  async function work(): Promise<void> {
    await withTaskGroup((group) => {
      for (let i = 1; i <= workers; i++) group.spawn(worker).name = `worker ${i}`;
    });
    records.close(); // all of them have ended: nothing more will come
  }

  async function writer(gzip: Gzip): Promise<void> {
    for await (const record of records) {
      if (!gzip.write(record)) await once(gzip, 'drain', { signal: currentSignal() });
      flow.written++;
    }
    gzip.end();
  }

  // Whichever of these fails, the others are cancelled, and the files are closed when it throws.
  await withTaskGroup((group) => {
    const gzip = createGzip({ level: 9 });
    group.spawn(reader);
    group.spawn(work);
    group.spawn(writer, gzip);
    group.spawn(() => pipeline(gzip, createWriteStream(to), { signal: currentSignal() }));
  });
  return flow;
}
