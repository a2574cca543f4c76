/** Bytes of chance in a secret. */
const BYTES = 16;

/** What nobody can guess, as text that can be part of a handle. */
export const freshSecret = (): string => process.getBuiltinModule('node:crypto').randomBytes(BYTES).toString('base64url');

/** Whether that is the secret; how long it takes to say so tells nothing of it. */
export function isSecret(given: unknown, secret: string): boolean {
  if (typeof given !== 'string' || given.length !== secret.length) return false;
  const [a, b] = [Buffer.from(given), Buffer.from(secret)];
  return a.length === b.length && process.getBuiltinModule('node:crypto').timingSafeEqual(a, b);
}
