/** What a kernel's line says in full: its formula, work, memory, waits, resources, and where all of that comes from. */
import type { ResourceName } from '../../design/hardware.ts';
import type { AcceleratorEstimate, Formula, KernelEstimate, Wait, WaitStep } from '../../estimate/estimate.ts';
import { amount, bandwidth, count, frequency, resourceLabels, share, significant, time } from '../../format.ts';

/** The formula with the numbers put in, what the kernel takes, and what it waits for. */
export function kernelHover(estimate: AcceleratorEstimate, kernel: KernelEstimate): string {
  const { formula, operators } = kernel;
  const served = operators.length > 1 ? ` · ${operators.join(', ')}` : '';
  const facts = [
    `**Busy** ${share(kernel.busy)} of the layer’s ${time(estimate.timing.perLayer)}`,
    ...(kernel.operations > 0
      ? [`**Work** ${operations(kernel.operations)}, ${significant(kernel.operations / kernel.seconds / 1e9)} GOPS`]
      : []),
    ...bandwidthLine(estimate, kernel),
    ...waitsLine(kernel.waits),
    ...causeLine(estimate, kernel.chain),
  ];
  return [
    `**${kernel.name}** on ${kernel.die} at ${frequency(kernel.clock)}${served}`,
    [
      '```text',
      `cycles = ${formula.symbolic}`,
      `       = ${formula.numeric}`,
      `       = ${count(formula.value)}  →  ${time(kernel.seconds)}`,
      '```',
    ].join('\n'),
    facts.join('  \n'), // two spaces end a line of Markdown
    resourceTable(estimate, kernel),
    [...kernel.explanations.map(explanation), `*From ${formula.source}*`].join('  \n'),
  ].join('\n\n');
}

function operations(value: number): string {
  return value >= 1e9 ? `${significant(value / 1e9)} G operations` : `${significant(value / 1e6)} M operations`;
}

function resourceTable(
  { dies, available }: AcceleratorEstimate,
  { resources, die, partial, uncounted }: KernelEstimate,
): string {
  const onDie = dies.find((one) => one.name === die)?.available;
  const part = (name: ResourceName, of: number | undefined) => (of ? share(resources[name].used / of) : '');
  return [
    `| | used | &emsp;of ${die} | &emsp;of card |`,
    '| --- | ---: | ---: | ---: |',
    ...(Object.keys(resourceLabels) as ResourceName[])
      .filter((name) => resources[name].used > 0)
      .map(
        (name) =>
          `| ${resourceLabels[name]} | ${amount(resources[name])} | ${part(name, onDie?.[name])} | ${part(name, available[name])} |`,
      ),
    ...(partial ? [`| ${uncounted ? 'more DSPs, ' : ''}memories, LUT, FF | — | not known | not known |`] : []),
  ].join('\n');
}

function bandwidthLine({ channels }: AcceleratorEstimate, { name }: KernelEstimate): string[] {
  const loads = channels.flatMap((channel) => {
    const own = channel.users.filter((user) => user.kernel === name).reduce((sum, user) => sum + user.demand, 0);
    if (own === 0) return [];
    const others = channel.demand - own > 1 ? `, ${bandwidth(channel.demand)} with others` : '';
    return [`${channel.name} ${bandwidth(own)} of ${bandwidth(channel.limit)}${others}`];
  });
  return loads.length > 0 ? [`**Memory** ${loads.join(' · ')}`] : [];
}

const waitText: Readonly<Record<Wait['kind'], (on: string) => string>> = {
  memory: (on) => on,
  input: (on) => `input from ${on}`,
  room: (on) => `room in ${on}`,
  barrier: (on) => `every row of ${on}`,
};

function waitsLine(waits: readonly Wait[]): string[] {
  const long = waits.filter((wait) => wait.share >= 0.005);
  const texts = long.map(({ kind, on, share: part }) => `${waitText[kind](on)} ${share(part)}`);
  return texts.length > 0 ? [`**Waits** for ${texts.join(' · ')}`] : [];
}

/** '**Because** softmax waits for scores 41% · scores works 94% of the layer': the chain behind the longest wait. */
function causeLine({ kernels }: AcceleratorEstimate, chain: readonly WaitStep[]): string[] {
  const last = chain.at(-1);
  if (!last) return [];
  const steps = chain
    .slice(1)
    .map(
      ({ kernel, on, kind, share: part, fifo }) => `${kernel} waits for ${waitText[kind](fifo ?? on)} ${share(part)}`,
    );
  const root = kernels.find(({ name }) => name === last.on);
  const end = root ? [`${root.name} works ${share(root.busy)} of the layer`] : [];
  return steps.length + end.length > 0 ? [`**Because** ${[...steps, ...end].join(' · ')}`] : [];
}

function explanation({ symbolic, numeric, value, unit, source }: Formula): string {
  return `\`${symbolic} = ${numeric}\` = ${significant(value, 6)} ${unit} *(${source})*`;
}
