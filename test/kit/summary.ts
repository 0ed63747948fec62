/** A design as text that a person can check line by line; golden files hold it. */
import type { Accelerator, Design, Edge, End, Kernel, Setting, Store } from '../../server/design/design.ts';

const mark = <T>({ origin }: Setting<T>): string => (origin === 'auto' ? '~' : origin === 'region' ? '^' : '');
const end = (at: End): string =>
  at.kind === 'operator'
    ? `${at.kernel}.${at.operator}`
    : at.kind === 'memory'
      ? `${at.memory}[${at.channel}]`
      : at.kind === 'link'
        ? at.link
        : 'host';

function store(value: Store): string {
  const double = value.double ? ' double' : '';
  return value.kind === 'on-chip'
    ? `${value.storage}${double}`
    : `${value.memory}[${value.channels.join(', ')}]${double}`;
}

function kernelLine(kernel: Kernel): string {
  const { array, lanes, weights, cache, as } = kernel;
  const turns = kernel.turns.map((turn) => turn.map((operator) => operator.name).join(' + ')).join(', ');
  const parts = [
    array && `array ${mark(array)}${array.value.tokens} x ${array.value.outputs} x ${array.value.dot}`,
    array && `pack ${mark(kernel.pack)}${kernel.pack.value}`,
    lanes && `lanes ${mark(lanes)}${lanes.value}`,
    weights && `weights ${mark(weights)}${store(weights.value)}`,
    cache && `cache ${mark(cache)}${store(cache.value)}`,
    as && `as ${mark(as)}${as.value}`,
    kernel.onHost ? 'on host' : `on ${mark(kernel.dies)}${kernel.dies.value.join(', ')}`,
  ];
  return `  ${kernel.auto ? 'auto' : 'kernel'} ${kernel.name} : ${turns}  ${parts.filter((part) => part !== undefined).join('  ')}`;
}

function edgeLine({ from, to, tensor, rows, columns, width, element, depth, storage }: Edge): string {
  const type = `${mark(width)}${width.value} x ${mark(element)}${element.value}`;
  return `  ${end(from)} -> ${end(to)}  ${tensor} [${rows}, ${columns}]  ${type}  depth ${mark(depth)}${depth.value} in ${mark(storage)}${storage.value}`;
}

function acceleratorLines(accelerator: Accelerator): string[] {
  const { name, device, clock, model, phase, precision, passes, cards, split, further, decoding } = accelerator;
  const names = (operators: Accelerator['host']): string =>
    operators.map((operator) => operator.name).join(', ') || 'none';
  return [
    `${name}: ${model.name} on ${cards > 1 ? `${cards} x (tensor ${split.tensor}, pipeline ${split.pipeline}) ` : ''}${device.name} at ${mark(clock)}${clock.value / 1e6} MHz, ${precision.name}, ${passes.last - passes.first + 1} passes of ${model.layer.name}`,
    `  ${phase.name}: ${phase.tokens} tokens, past ${phase.past}, batch ${phase.batch}`,
    ...accelerator.kernels.map(kernelLine),
    ...accelerator.edges.map(edgeLine),
    ...accelerator.linkStreams.map(({ direction, unit, link }) => `  ${direction} ${unit} over ${link}`),
    `  host: ${names(accelerator.host)}`,
    `  unmapped: ${names(accelerator.unmapped)}`,
    ...further.flatMap((part) => acceleratorLines(part).map((line) => `  ${line}`)),
    ...(decoding ?? []).map(
      (part) =>
        `  then ${part.phase.name} behind ${part.phase.past}: ${part.kernels.map((kernel) => kernel.name).join(' ')}`,
    ),
  ];
}

/** `~` marks what is auto, `^` what comes from a region. */
export function summaryOf(design: Design): string {
  const problems = design.problems.map((problem) => `! ${problem.code} ${problem.span.start}..${problem.span.end}`);
  return `${[...design.accelerators.flatMap(acceleratorLines), ...problems].join('\n')}\n`;
}
