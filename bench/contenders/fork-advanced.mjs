import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const entry = fileURLToPath(new URL('fork-advanced.entry.mjs', import.meta.url));

/** A child process by hand, with the channel that Node gives it, in the format that carries buffers. */
export async function open() {
  const child = fork(entry, { serialization: 'advanced' });
  await once(child, 'spawn');
  return {
    echo: async (value) => {
      const answer = once(child, 'message');
      child.send(value);
      return (await answer)[0];
    },
    close: () => {
      const ended = once(child, 'exit');
      child.disconnect();
      return ended;
    },
  };
}
