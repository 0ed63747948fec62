import { readFileSync } from 'node:fs';

/**
 * A spec of about that many lines: the example again and again, each accelerator with a name and with arrays of its own, so
 * that no two are estimated alike.
 */
export function longSpec(lines: number): string {
  const example = readFileSync('examples/bert_u280.weft', 'utf8');
  const count = Math.ceil(lines / example.split('\n').length);
  return Array.from({ length: count }, (_, i) =>
    example
      .replaceAll('bert_u280', `bert_u280_${i}`)
      .replace('at 245 MHz', `at ${245 + (i % 50)} MHz`)
      .replace(/(kernel up +array) 8 x 16/, `$1 8 x ${16 + 8 * (i % 3)}`),
  ).join('\n');
}

/**
 * How a person would type it, sampled: the text grows from its start to its end, in pieces that are put in at once, and between
 * them `typed` lines of which each is typed a character at a time. The pieces, in order, add up to the text.
 */
export function typingOf(text: string, typed: number): { readonly text: string; readonly typed: boolean }[] {
  const lines = text.split(/(?<=\n)/);
  const stride = lines.length / typed;
  const pieces: { text: string; typed: boolean }[] = [];
  let from = 0;
  for (let i = 0; i < typed; i++) {
    // A line with something on it, somewhere in this part of the text; each part has another place.
    let at = Math.floor(stride * (i + ((0.618 * (i + 1)) % 1)));
    while (at < lines.length && lines[at]?.trim() === '') at++;
    if (at < from || at >= lines.length) continue;
    pieces.push({ text: lines.slice(from, at).join(''), typed: false }, { text: lines[at]!, typed: true });
    from = at + 1;
  }
  pieces.push({ text: lines.slice(from).join(''), typed: false });
  return pieces.filter((piece) => piece.text !== '');
}
