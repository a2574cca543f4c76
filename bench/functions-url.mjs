import { get as request } from 'node:http';

/** Gets one URL and gives the length of its body. Plain `node:http`: the less the function costs, the more of what is seen is the executor. */
export function get(url) {
  return new Promise((resolve, reject) => {
    request(url, (response) => {
      let length = 0;
      response
        .on('data', (chunk) => {
          length += chunk.length;
        })
        .on('end', () => resolve(length))
        .on('error', reject);
    }).on('error', reject);
  });
}
