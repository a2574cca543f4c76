import { logLines } from './data.mjs';

const log = logLines(9000);
const line = /^(\d+\.\d+\.\d+\.\d+) - - \[([^\]]+)\] "([A-Z]+) ([^ ?]+)(?:\?([^ ]*))? HTTP\/[\d.]+" (\d{3}) (\d+)$/gm;
const email = /^[\w.+-]+@[\w-]+\.[\w.]+$/;

/** Takes every line of a log to pieces. */
export function matchLog(status) {
  let bytes = 0;
  for (const match of log.matchAll(line)) if (match[6] === status) bytes += Number(match[7]);
  return bytes;
}

/** The classic trap: each further letter doubles the time. */
export function backtrack(letters) {
  return /^(a+)+$/.test(`${'a'.repeat(letters)}!`);
}

export function replaceAll(by) {
  return log.replace(/\b(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\b/g, (_, a, b) => `${a}.${b}.${by}`).length;
}

export function isEmail(text) {
  return email.test(text);
}
