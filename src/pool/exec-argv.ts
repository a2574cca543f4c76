/** Options of `node` that say what the program itself is; a worker that inherited them would refuse to start, or run the program again. */
const OWN_ALONE =
  /^(-i|--interactive|-c|--check|--test|--test-only|--watch|--inspect(-brk|-wait|-port)?(=.*)?|--debug-port=.*|--(eval|print|input-type|watch-path|run)=.*)$/;
const OWN_WITH_VALUE = /^(-e|-p|-pe|--eval|--print|--input-type|--watch-path|--inspect-port|--debug-port|--run)$/;

/** This process's options for `node`, as its workers should have them: loaders and flags, without what names the program. */
export function inheritedExecArgv(argv: readonly string[] = process.execArgv): string[] {
  const out: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    if (OWN_WITH_VALUE.test(argv[i])) i++;
    else if (!OWN_ALONE.test(argv[i])) out.push(argv[i]);
  }
  return out;
}
