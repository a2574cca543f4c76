/** The same command line, as one would type it, to go on with the run. */
export function resumeLine(argv: readonly string[]): string {
  const words = argv.filter((word) => word !== '--force' && word !== '--resume' && word !== '--retry-failed');
  const dashes = words.indexOf('--');
  words.splice(dashes < 0 ? words.length : dashes, 0, '--resume');
  return `meantime ${words.map((word) => (/^[\w@%+=:,./#-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ')}`;
}
