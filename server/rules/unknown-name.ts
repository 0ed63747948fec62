import { enumeration } from '../format.ts';
import { meant } from './names.ts';
import { problemRule } from './problem.ts';

/** What is left of a unit that the language does not know, as in `100 tok/sec`: a quotient of a quantity and a name. */
const partsOfRates = new Set(['s', 'sec', 'second', 'seconds', 'tok', 'token', 'tokens', 'frame', 'image', 'images']);

/** Of which a requirement names the share: `use(dsp)`. */
const resources = new Set(['dsp', 'bram', 'uram', 'lut', 'ff', 'sll']);

export const unknownName = problemRule('unknown-name', {
  severity: 'error',
  page: {
    summary: 'A name stands for nothing.',
    why: 'What a name stands for decides the figures: a kernel that names no operator of the model would be hardware without work. It is left out of every figure until the name is right.',
    failing: `accelerator a {
  device u280 at 245 MHz
  model  bert_bse
  phase  forward(tokens: 512)
}`,
    mended: `accelerator a {
  device u280 at 245 MHz
  model  bert_base
  phase  forward(tokens: 512)
}`,
    remedies: ['Take the suggested name.', 'Declare the name, or import the file that declares it.'],
  },
  words({ name, sort, candidates }) {
    const share = sort === 'metric' && resources.has(name.toLowerCase()) ? [`use(${name.toLowerCase()})`] : [];
    const guesses = [...share, ...meant(name, candidates)];
    const hint =
      sort === 'metric' && partsOfRates.has(name.toLowerCase())
        ? ' A rate has a unit of its own: ‘tok/s’ or ‘frame/s’; a time of one result is in ‘ms’.'
        : guesses.length > 0
          ? ` Did you mean ‘${guesses[0]}’?`
          : candidates.length > 0
            ? ` Known: ${enumeration(candidates, 12)}.`
            : sort === 'constant'
              ? ` Write ‘let ${name} = …’ to make one.`
              : '';
    return { message: `There is no ${sort} ‘${name}’.${hint}`, subject: { guesses: guesses.slice(0, 3).join(' ') } };
  },
  fix(diagnostic) {
    const guesses = (diagnostic.subject.guesses ?? '').split(' ').filter((guess) => guess !== '');
    return guesses.map((guess, index) => ({
      title: `Change to ‘${guess}’`,
      edits: [{ span: diagnostic.span, newText: guess }],
      preferred: index === 0,
    }));
  },
});
