import { Process } from 'meantime/processes';
import { Thread } from 'meantime/threads';

/** What is asked of a thread of one call and of a process of one call alike. */
export const kinds = [
  { kind: 'thread', Kind: Thread },
  { kind: 'process', Kind: Process },
] as const;
