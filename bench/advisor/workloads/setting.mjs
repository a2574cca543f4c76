/** Where the files are that the functions work on: what started them says so in the environment, which threads and processes inherit. */
export function folder() {
  return setting('WORKLOADS_FOLDER');
}

/** A URL on the server that answers late. */
export function url(path) {
  return `http://127.0.0.1:${setting('WORKLOADS_HTTP')}${path}`;
}

/** The port of the name server that answers late. */
export function namePort() {
  return setting('WORKLOADS_DNS');
}

function setting(name) {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: run it inside withSurroundings`);
  return value;
}
