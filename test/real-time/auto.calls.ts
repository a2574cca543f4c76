import { Agent, get, request } from 'node:http';

const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY, maxFreeSockets: 2048 });

/** Asks the server of a port once. An answer that is not 200 is an error with that `status`. */
export function ask(port: number, path = '/'): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      response.on('end', () => {
        if (response.statusCode === 200) resolve(text);
        else reject(Object.assign(new Error(`answered ${response.statusCode}`), { status: response.statusCode }));
      });
      response.on('error', reject);
    }).on('error', reject);
  });
}

export const tell = (port: number, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, method: 'POST' }, (response) => response.resume().on('end', resolve))
      .on('error', reject)
      .end();
  });

export const hangUp = (): void => agent.destroy();
