import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderWith, weft } from './weft.ts';

const accelerator = (name: string, more: string) => `accelerator ${name} {
  device    u280 at clock
  model     bert(layers: 2, hidden: 64, heads: 2, ffn: 128)
  phase     forward(tokens: 16)
  precision W8A8
  choose    clock from 200 MHz, 250 MHz
  ${more}
}
`;
const one = accelerator('a', 'choose rows from 2, 4..8\n  kernel up array rows x 4');
const two = `${one}${accelerator('b', 'kernel up array 4 x 4')}`;

function specOf(text: string): string {
  return join(folderWith({ 'spec.weft': text }), 'spec.weft');
}

async function figures(path: string, ...choose: string[]) {
  const { code, out, err } = await weft('estimate', path, '--json', ...choose.flatMap((one) => ['--choose', one]));
  expect([code, err]).toEqual([0, '']);
  return JSON.parse(out).accelerators.map(
    ({ name, clockMHz, choices, latencyMs, resources }: Record<string, unknown>) => ({
      ...{ name, clockMHz, choices, latencyMs, resources },
    }),
  );
}

describe('--choose', () => {
  test('the estimate is that of the spec with the value in the place of its choices', async () => {
    const path = specOf(one);
    const chosen = await figures(path, 'rows=8', 'clock=250 MHz');
    expect(chosen).toEqual(await figures(specOf(one.replace('2, 4..8', '8').replace('200 MHz, ', ''))));
    expect(chosen).not.toEqual(await figures(path));
    expect(readFileSync(path, 'utf8')).toBe(one);
  });

  test('a value may be said in another unit, or computed; what is not named keeps its first value', async () => {
    const [{ clockMHz }] = await figures(specOf(one), 'clock = 0.25 GHz', 'a.rows=2 * 4');
    expect(clockMHz).toBe(250);
    expect(await figures(specOf(one), 'rows=2')).toEqual(await figures(specOf(one)));
  });

  test('knobs of one name in two accelerators are told apart', async () => {
    const both = await figures(specOf(two), 'b.clock=250 MHz');
    expect(both.map(({ clockMHz }: { clockMHz: number }) => clockMHz)).toEqual([200, 250]);
  });

  test('diagnostics and explanations are those of the value', async () => {
    const path = specOf(accelerator('a', 'choose rows from 4, 256\n  kernel up array rows x 128'));
    expect((await weft('check', path)).code).toBe(0);
    const { code, out } = await weft('check', path, '--choose', 'rows=256');
    expect(code).toBe(1);
    expect(out).toContain('oversubscribed');
    const explained = async (...choose: string[]) => (await weft('explain', path, 'up.dsp', ...choose)).out;
    expect(await explained('--choose', 'rows=256')).not.toBe(await explained());
  });

  test('the tuner searches around the value, and says so; the knob stays as it is written', async () => {
    const path = specOf(one);
    const { code, out } = await weft('tune', path, '--choose', 'rows=8', '--write');
    expect(code).toBe(0);
    expect(out).toMatch(/^a: .* of the spec as it stands, with clock = 200 MHz, rows = 8$/m);
    expect(out).toContain('  8 rows side by side;');
    expect(readFileSync(path, 'utf8')).toMatch(/choose rows from 2, 4\.\.8\n {2}kernel up array rows x 4 /);
  });

  test('a comparison is of the value, on every card', async () => {
    const text = one.replace('layers: 2', 'layers: deep');
    const knob = accelerator('b', 'kernel up array 4 x 4');
    const spec = `${text.replace('choose rows', 'choose deep from 2, 4\n  choose rows')}${knob}`;
    const asked = ['--devices', 'u280', '--tokens', '32,64', '--json'];
    const compared = async (of: string, ...more: string[]) =>
      JSON.parse((await weft('compare', of, ...asked, ...more)).out);
    const chosen = await compared(specOf(spec), '--choose', 'deep=4');
    expect(chosen).toEqual(await compared(specOf(spec.replace('2, 4\n', '4\n'))));
    const first = await compared(specOf(spec));
    const of = ({ designs, gpus }: { designs: object[]; gpus: object[] }) => [...designs, ...gpus];
    for (const [i, curve] of of(chosen).entries()) if (i !== 1) expect(curve).not.toEqual(of(first)[i]);
  });

  test('the project is built with the value', async () => {
    const path = specOf(one);
    const out = join(folderWith({}), 'out');
    expect((await weft('export', path, '--choose', 'rows=8', '--out', out)).code).toBe(0);
    const readme = readFileSync(join(out, 'README.md'), 'utf8');
    expect(readme).toContain('at 200 MHz, with clock = 200 MHz, rows = 8.');
    expect(readme).toContain('| up | 8 x 4 pack 2 |');
  });

  test.each([
    [one, 'row=8', 'There is no knob ‘row’ to choose; there is clock, rows. Did you mean ‘rows’?'],
    [two, 'clock=200 MHz', 'There is no knob ‘clock’ to choose; there is a.clock, rows, b.clock.'],
    [accelerator('a', '').replace(/choose.*/, 'let clock = 200 MHz'), 'clock=1', 'the file has no ‘choose’'],
    [one, 'rows=3', '‘rows’ cannot be 3: the spec lets it be one of 2, 4, 5, 6, 7, 8.'],
    [one, 'clock=250', '‘clock’ cannot be 250: the spec lets it be one of 200 MHz, 250 MHz.'],
    [one, 'rows=wide', '‘rows’ cannot be wide'],
    [one, 'rows=8 let b = 9', '‘rows’ cannot be 8 let b = 9'],
    [one, 'rows=4,8', '--choose needs NAME=VALUE, one value, as in rows=8; found ‘rows=4,8’.'],
    [one, 'rows', '--choose needs NAME=VALUE'],
  ])('%# refuses %s', async (text, choose, expected) => {
    const { code, out, err } = await weft('estimate', specOf(text), '--choose', choose);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(expected);
  });

  test('refuses two values of one knob', async () => {
    const { code, err } = await weft('check', specOf(one), '--choose', 'rows=4', '--choose', 'a.rows=8');
    expect(code).toBe(2);
    expect(err).toContain('twice');
  });
});
