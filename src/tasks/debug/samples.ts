import type { Profiler, Session } from 'node:inspector';
import { isOwn } from '../debug.js';

/** How often V8 looks at what runs, in µs, and how long its notes are kept at least, in ns. */
const INTERVAL = 5000;
const KEPT = 60_000_000_000n;

let session: Session | undefined;
let began = 0n;

/** Begins to take samples of this thread with V8's profiler. Called again it throws away what is old, or a long run would be all samples. Does nothing where there is no inspector. */
export function startSamples(): void {
  const now = process.hrtime.bigint(); // not the clock that tests replace: the profiler runs in real time
  if (began === 0n) begin();
  else if (now - began > KEPT) stop();
  else return;
  began = now;
}

function begin(): void {
  const inspector = process.getBuiltinModule?.('node:inspector');
  if (inspector === undefined) return;
  session = new inspector.Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.setSamplingInterval', { interval: INTERVAL });
  session.post('Profiler.start');
}

/** The samples so far; taking more begins anew. In the same thread the inspector answers at once. */
function stop(): Profiler.Profile | undefined {
  let profile: Profiler.Profile | undefined;
  session?.post('Profiler.stop', (_, answer) => {
    profile = answer?.profile;
  });
  session?.post('Profiler.start');
  return profile;
}

/** The stack that was seen most in the last so many ms: the functions with the line on which each begins, the innermost with the line that was running. */
export function lastSamples(ms: number): string | undefined {
  const profile = stop();
  began = process.hrtime.bigint();
  return profile && heaviest(profile, profile.endTime - ms * 1000);
}

/** @param from µs on the clock of the profile. */
export function heaviest({ nodes, samples = [], timeDeltas = [], startTime }: Profiler.Profile, from: number): string | undefined {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const above = new Map<number, number>();
  for (const node of nodes) for (const child of node.children ?? []) above.set(child, node.id);
  const seen = new Map<number, number>();
  let at = startTime;
  for (const [i, id] of samples.entries()) {
    at += timeDeltas[i];
    if (at < from) continue;
    for (let node: number | undefined = id; node !== undefined; node = above.get(node)) seen.set(node, (seen.get(node) ?? 0) + 1);
  }
  const frames: string[] = [];
  for (let node: Profiler.ProfileNode | undefined = nodes[0]; node !== undefined; ) {
    const inner: number[] = (node.children ?? []).filter((id) => seen.has(id)).sort((a, b) => (seen.get(b) ?? 0) - (seen.get(a) ?? 0));
    const next: Profiler.ProfileNode | undefined = inner.length === 0 ? undefined : byId.get(inner[0]);
    const { functionName, url, lineNumber } = node.callFrame;
    if (url !== '' && !url.startsWith('node:') && !isOwn(url)) {
      const line = next === undefined ? (node.positionTicks?.[0]?.line ?? lineNumber + 1) : lineNumber + 1;
      const frame = `    at ${functionName || '(anonymous)'} (${url}:${line})`;
      // A recursion is one line, however deep.
      if (frames[0]?.replace(/:\d+\)$/, '') !== frame.replace(/:\d+\)$/, '')) frames.unshift(frame);
    }
    node = next;
  }
  return frames.length === 0 ? undefined : frames.join('\n');
}
