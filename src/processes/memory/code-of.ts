/** The code of an error of the system, `ENOENT` and the like. */
export const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | undefined)?.code;
