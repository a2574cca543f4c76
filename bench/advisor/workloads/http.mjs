import { get as request } from 'node:http';
import { url } from './setting.mjs';

/** Plain `node:http`; the server answers after `ms`. */
export function get(ms) {
  return new Promise((resolve, reject) => {
    request(url(`/wait/${ms}`), (response) => {
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

export async function fetchText(ms) {
  const response = await fetch(url(`/wait/${ms}`));
  return (await response.text()).length;
}

/** Three answers, one after the other, as with pages of a list. */
export async function fetchPages(ms) {
  let length = 0;
  for (let page = 0; page < 3; page++) length += await fetchText(ms);
  return length;
}

export async function post(ms) {
  const body = JSON.stringify({ id: ms, name: 'somebody', tags: ['a', 'b'] });
  const response = await fetch(url(`/wait/${ms}`), { method: 'POST', body, headers: { 'content-type': 'application/json' } });
  return (await response.text()).length;
}
