/** `generate`: the pass over the prompt and the token passes behind it, put together into one estimate. */
import type { Formula } from '../../kernels/kernel.ts';
import { clean, times } from '../amounts.ts';
import { averagePower, withEnergy } from '../cost/power.ts';
import type { AcceleratorEstimate, Generation } from '../estimate.ts';
import { integrate } from './integrate.ts';
import { together } from './together.ts';

/** Length of the past of a token pass, and what the pass takes. */
type Sample = Generation['samples'][number];

const source = 'the timeline of the pass over the prompt and of token passes at several lengths of the past';

/** The estimate of a whole `generate`; `tokens` are those of its token passes, by rising length of the past. */
export function generationOf(prompt: AcceleratorEstimate, tokens: readonly AcceleratorEstimate[]): AcceleratorEstimate {
  const { phase } = prompt.accelerator;
  const output = Math.max(1, phase.output ?? 1);
  const samples = tokens.map(({ accelerator, timing }) => ({ past: accelerator.phase.past, seconds: timing.model }));
  const { seconds: decoding, error } = integrate(samples);
  const firstToken = prompt.timing.model;
  const seconds = clean(firstToken + decoding);
  const last = tokens.at(-1);
  const passes = output - 1;
  const mean = meanOver(prompt, tokens, seconds);
  const names = [...new Set([prompt, ...tokens].flatMap(({ kernels }) => kernels.map(({ name }) => name)))];
  const generation: Generation = {
    firstToken,
    perToken: passes > 0 ? clean(decoding / passes) : 0,
    decoding,
    error,
    tokensPerSecond: seconds > 0 ? (output * phase.batch) / seconds : 0,
    samples,
    busy: names.map((name) => ({
      kernel: name,
      share: mean(({ kernels }) => kernels.find((kernel) => kernel.name === name)?.busy ?? 0),
    })),
    prompt,
    ...(last ? { last } : {}),
    formula: formulaOf(prompt, samples, seconds, error),
  };
  const merged = last ? { ...prompt, ...together(prompt, last, 'once') } : prompt;
  const longest = last && decoding > firstToken ? last : prompt;
  const { bottleneck: _, cards, power, ...rest } = merged;
  const timing = { ...prompt.timing, model: seconds, interval: seconds };
  const drawn = power && averagePower(power.idle, mean);
  return {
    ...rest,
    ...(drawn ? { power: withEnergy(drawn, { accelerator: prompt.accelerator, timing, generation }) } : {}),
    ...(cards
      ? { cards: { ...cards, resources: cards.placed ? rest.resources : times(rest.resources, cards.cards) } }
      : {}),
    timing,
    ...(longest.bottleneck ? { bottleneck: inPass(longest) } : {}),
    generation,
  };
}

/** Mean of a figure of a pass over the whole time: of the prompt's pass and of every token pass, each for as long as it takes. */
function meanOver(
  prompt: AcceleratorEstimate,
  tokens: readonly AcceleratorEstimate[],
  whole: number,
): (of: (pass: AcceleratorEstimate) => number) => number {
  return (of) => {
    const weighed = (pass: AcceleratorEstimate): number => clean(of(pass) * pass.timing.model);
    const samples = tokens.map((pass) => ({ past: pass.accelerator.phase.past, seconds: weighed(pass) }));
    return whole > 0 ? clean((weighed(prompt) + integrate(samples).seconds) / whole) : 0;
  };
}

function inPass({ accelerator, bottleneck }: AcceleratorEstimate): NonNullable<AcceleratorEstimate['bottleneck']> {
  const pass = accelerator.phase.name === 'decode' ? 'tokens' : 'the prompt';
  return { ...bottleneck!, reason: `${bottleneck!.reason}, in the pass over ${pass}` };
}

function formulaOf(
  { accelerator, timing }: AcceleratorEstimate,
  samples: readonly Sample[],
  seconds: number,
  error: number,
): Formula {
  const { prompt = 1, output = 1 } = accelerator.phase;
  const points = samples.map(({ past, seconds }) => `T(${past}) = ${(seconds * 1e3).toPrecision(4)}`).join(', ');
  const sum = samples.length === 0 ? '' : ` + Σ T(${prompt} … ${prompt + output - 2}) with ${points}`;
  const line = error > 0 ? `; straight lines between these, ± ${(error * 1e3).toPrecision(2)} ms` : '';
  return {
    symbolic: 'T(prompt) + Σ T(token with past p), p = prompt … prompt + output − 2',
    numeric: `${(timing.model * 1e3).toPrecision(4)}${sum} ms${line}`,
    value: seconds,
    unit: 's',
    source,
  };
}
