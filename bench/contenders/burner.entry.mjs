// Uses a processor for as long as its starter lives.
process.stdin.resume().on('end', () => process.exit());
process.stdout.write('burning\n');

function burn() {
  const until = performance.now() + 20;
  while (performance.now() < until);
  setImmediate(burn);
}
burn();
