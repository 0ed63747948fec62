/** `generate`: the pass over the prompt and the token passes behind it, put together into one estimate. */
import type { Formula } from '../kernels/kernel.ts';
import { clean, larger, less, nothing, times, total } from './amounts.ts';
import { closureOf } from './closure.ts';
import type { AcceleratorEstimate, ChannelEstimate, Generation, KernelEstimate, MemoryEstimate } from './estimate.ts';
import { integrate } from './integrate.ts';
import { averagePower, withEnergy } from './power.ts';

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
    ...(last ? { last } : {}),
    formula: formulaOf(prompt, samples, seconds, error),
  };
  const merged = last ? { ...prompt, ...together(prompt, last) } : prompt;
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

/** Hardware of both passes: what is shared is built once, for the larger of its two needs. */
function together(
  prompt: AcceleratorEstimate,
  last: AcceleratorEstimate,
): Pick<
  AcceleratorEstimate,
  | 'kernels'
  | 'dies'
  | 'resources'
  | 'channels'
  | 'memories'
  | 'crossings'
  | 'closure'
  | 'caveats'
  | 'deadlock'
  | 'engines'
> {
  const alone = last.kernels.filter((kernel) => !prompt.kernels.some(({ name }) => name === kernel.name));
  const extra = new Map(alone.map((kernel) => [kernel.name, kernel.resources]));
  const shared = prompt.kernels.map((kernel): KernelEstimate => {
    const other = last.kernels.find(({ name }) => name === kernel.name);
    if (!other) return kernel;
    const resources = larger(kernel.resources, other.resources);
    extra.set(kernel.name, less(resources, kernel.resources));
    return { ...kernel, resources, partial: kernel.partial || other.partial };
  });
  const kernels = [...shared, ...alone];
  const copies = Math.max(1, Math.floor(clean(prompt.accelerator.copies.value)));
  const dies = prompt.dies.map((die) => {
    const here = kernels.filter((kernel) => kernel.die === die.name);
    const more = total(here.map(({ name }) => extra.get(name) ?? nothing));
    const timed = die.kernels.length > 0 ? die : (last.dies.find(({ name }) => name === die.name) ?? die);
    return {
      name: die.name,
      available: die.available,
      shell: die.shell,
      get latency() {
        return timed.latency;
      },
      resources: total([die.resources, times(more, copies)]),
      kernels: [...new Set([...die.kernels, ...here.map(({ name }) => name)])],
      partial: die.partial || here.some(({ partial }) => partial),
    };
  });
  const crossings = prompt.crossings.map((boundary) => {
    const other = last.crossings.find(({ between }) => between.join() === boundary.between.join());
    return other && other.used > boundary.used ? other : boundary;
  });
  const deadlock = prompt.deadlock ?? last.deadlock;
  const engines = [prompt.engines, last.engines].reduce((a, b) => ((b?.used ?? 0) > (a?.used ?? 0) ? b : a));
  return {
    kernels,
    dies,
    resources: total(dies.map(({ resources }) => resources)),
    channels: busier(prompt.channels, last.channels),
    memories: filled(prompt.memories, last.memories),
    crossings,
    closure: closureOf(prompt.accelerator, dies, crossings),
    caveats: [...new Set([...prompt.caveats, ...last.caveats])],
    ...(engines ? { engines } : {}),
    ...(deadlock ? { deadlock } : {}),
  };
}

/** Of each channel, the pass that asks more of it: they follow each other. */
function busier(prompt: readonly ChannelEstimate[], last: readonly ChannelEstimate[]): ChannelEstimate[] {
  const names = [...new Set([...prompt, ...last].map(({ name }) => name))];
  return names.map((name) => {
    const both = [prompt, last].flatMap((channels) => channels.find((channel) => channel.name === name) ?? []);
    return both.reduce((a, b) => (b.demand > a.demand ? b : a));
  });
}

/** What lies in memory for both passes: the same thing once, as large as it gets. */
function filled(prompt: readonly MemoryEstimate[], last: readonly MemoryEstimate[]): MemoryEstimate[] {
  const found = new Map<string, MemoryEstimate>();
  for (const memory of [...prompt, ...last]) {
    const key = `${memory.memory}[${memory.channel}]`;
    const known = found.get(key);
    if (!known) {
      found.set(key, memory);
      continue;
    }
    const contents = new Map(known.contents.map((entry) => [`${entry.kernel} ${entry.what}`, entry]));
    for (const entry of memory.contents) {
      const name = `${entry.kernel} ${entry.what}`;
      if (entry.bytes > (contents.get(name)?.bytes ?? -1)) contents.set(name, entry);
    }
    const all = [...contents.values()];
    found.set(key, { ...known, contents: all, bytes: all.reduce((sum, { bytes }) => sum + bytes, 0) });
  }
  return [...found.values()];
}
