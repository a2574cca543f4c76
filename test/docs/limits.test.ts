import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

/** `2 ** 20`, `16_384` or `400`, as a number. */
function numberOf(text: string): number {
  const [base, power = '1'] = text.replaceAll('_', '').split('**');
  return Number(base) ** Number(power);
}

test('the limits in docs/security.md are those of the code', () => {
  const rows = [...readFileSync('docs/security.md', 'utf8').matchAll(/^\| .* \| ([\d,]+) \| `(\w+)` in `([^`]+)` \|$/gm)];
  assert.ok(rows.length >= 11, `${rows.length} rows`);
  for (const [row, figure, name, file] of rows) {
    const declared = new RegExp(`^(?:export )?const ${name}(?:: Limit)? = (?:\\{ most: )?([\\d_]+(?: \\*\\* \\d+)?)[,;]`, 'm');
    const value = declared.exec(readFileSync(file, 'utf8'))?.[1];
    assert.ok(value !== undefined, `${file} has no ${name}: ${row}`);
    assert.equal(numberOf(value), Number(figure.replaceAll(',', '')), row);
  }
});
