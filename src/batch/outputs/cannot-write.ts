import { OutputError } from '../../core/index.js';

const known: Readonly<Record<string, string>> = {
  ENOSPC: 'no space is left on the device',
  EDQUOT: "this user's share of the disk is used up",
  EFBIG: 'the file would be larger than this process or its file system may make it',
};

/** The error for an output that the system does not let us write. */
export function cannotWrite(name: string, error: unknown): OutputError {
  const { code, message } = error as NodeJS.ErrnoException;
  const why = code !== undefined && Object.hasOwn(known, code) ? known[code] : message;
  return new OutputError(`Cannot write ${name}: ${why}`, { cause: error });
}
