import { exactQuantity } from '../design/terms/units.ts';
import { frequency } from '../format.ts';
import { kernelNamed } from './places.ts';
import { estimateRule } from './rule.ts';

const spec = (clock: string) => `model mlp {
  input x : [tokens, 256]
  up = linear(x, 256)
  output up
}
accelerator a {
  device u280 at ${clock}
  model  mlp
  phase  forward(tokens: 64)
  kernel up  array 4 x 8
}`;

export const clockTooFast = estimateRule({
  code: 'clock-too-fast',
  severity: 'error',
  page: {
    summary: 'A clock is beyond the ceiling of the device.',
    why: 'The ceiling of a device sheet is what its DSP slices are specified for, fully pipelined. Nothing that is built of them runs faster, and designs made by high-level synthesis close far below it: 180 to 300 MHz on UltraScale+.',
    failing: spec('900 MHz'),
    mended: spec('250 MHz'),
    remedies: ['Leave the clock out: the sheet has one.', 'Write a clock below the ceiling.'],
  },
  *find({ accelerator, closure }) {
    for (const { kind, kernel, value, limit } of closure) {
      if (kind !== 'clock') continue;
      const own = kernelNamed(accelerator, kernel);
      yield {
        span: (own ? own.clock.span : accelerator.clock.span) ?? accelerator.deviceSpan,
        message: `${frequency(value)} is beyond the ceiling of ${accelerator.device.name}, ${frequency(limit)}.`,
        subject: { ...(own ? { users: own.name } : {}), limit: exactQuantity(limit, 'frequency') },
      };
    }
  },
  fix({ span, subject: { limit = '' } }, { text }) {
    const newText = text(span).replace(/\d[\d_.]*\s*[kMG]?Hz/, limit);
    return newText === text(span) ? [] : [{ title: `Use ${limit}, the ceiling`, edits: [{ span, newText }] }];
  },
});
