/** What goes from card to card because its reader stands where its writer does not. */
import type { Accelerator } from '../../design/design.ts';
import { wordBits } from '../../kernels/word.ts';
import type { Fifo, Unit } from '../netlist.ts';
import { type Collective, inWords } from './link-words.ts';
import { cardIn, cardsOf } from './machine.ts';

/** A FIFO as one card has it: wires between dies are those of a card, and none lead to another. */
export function onOneCard(fifo: Fifo): Fifo {
  const { crossing, ...rest } = fifo;
  return crossing && cardIn(crossing[0]) !== cardIn(crossing[1]) ? rest : fifo;
}

export class Sends {
  private readonly accelerator: Accelerator;
  private readonly units: ReadonlyMap<string, Unit>;
  private readonly fifos: readonly Fifo[];
  /** All cards are alike: whatever is wanted is there. */
  private readonly alike: boolean;

  constructor(accelerator: Accelerator, units: readonly Unit[], fifos: readonly Fifo[]) {
    this.accelerator = accelerator;
    this.units = new Map(units.map((unit) => [unit.id, unit]));
    this.fifos = fifos;
    this.alike = !accelerator.kernels.some(({ twins }) => twins);
  }

  /** A stream that is wanted on a card which has not got it; a fork stands behind the link where all its readers do. */
  of(fifo: Fifo): Collective | undefined {
    if (this.alike) return undefined;
    const from = this.units.get(fifo.from.unit);
    if (from?.role === 'fork' && this.branches(from).every((branch) => this.isElsewhere(branch))) return undefined;
    const to = this.units.get(fifo.to.unit);
    const all = to?.role === 'fork' ? this.branches(to) : [fifo];
    if (all.length === 0 || !all.every((branch) => this.isElsewhere(branch))) return undefined;
    const bytes = (fifo.words * wordBits(fifo.word)) / 8;
    const operator = fifo.edge?.tensor ?? fifo.id;
    return inWords(this.accelerator, { operator, kind: 'send', widens: 1, bytes, sent: bytes }, fifo.word.element);
  }

  private branches({ id }: Unit): Fifo[] {
    return this.fifos.filter(({ from }) => from.unit === id);
  }

  private isElsewhere(fifo: Fifo): boolean {
    const there = new Set(this.cardsOf(this.units.get(fifo.from.unit)?.kernel));
    return this.wanted(fifo).some((card) => !there.has(card));
  }

  private wanted({ to, edge }: Fifo): readonly number[] {
    const unit = this.units.get(to.unit);
    if (unit?.role !== 'store') return this.cardsOf(unit?.kernel);
    // Rows of a pass are those of the next one: they are wanted where it reads them.
    const { model, edges } = this.accelerator;
    if (edge?.tensor !== model.layer.output || model.layer.repeat <= 1) return [];
    const inputs = new Set(model.layer.inputs.map(({ name }) => name));
    return edges.flatMap(({ from, to: reader, tensor }) =>
      from.kind !== 'operator' && reader.kind === 'operator' && inputs.has(tensor) ? this.cardsOf(reader.kernel) : [],
    );
  }

  private cardsOf(kernel: string | undefined): readonly number[] {
    const { kernels, cards } = this.accelerator;
    return cardsOf(
      kernels.find(({ name }) => name === kernel),
      cards,
    );
  }
}
