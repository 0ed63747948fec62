/** Weights from a checkpoint, through the exported project, against the whole model's definition. */
import { describe, expect, test } from 'vitest';
import { fileOf, folders } from './projects.ts';
import { compareWhole, type Encoder, exported } from './whole-model.ts';

const minutes = 60_000;
const disk = folders();
const size = { layers: 3, hidden: 32, heads: 2, ffn: 72 };
const encoder = (precision: string, more: Partial<Encoder> = {}): Encoder => ({
  size,
  tokens: 11,
  // Of the products only down has more rows than a group: one and four fifths. It and k have two ports each.
  spec: `
    precision  groups { weights: int4, activations: int8, cache: int8, accumulator: int32, nonlinear: fp32, group: 40 }
    accelerator small {
      device     u280
      model      bert(layers: 3, hidden: 32, heads: 2, ffn: 72)
      phase      forward(tokens: 11)
      precision  ${precision}
      parameters "model.safetensors"
      region a on slr0 {
        kernel q array 4 x 4 pack 2
        kernel k array 4 x 6 weights hbm[8..9]
        kernel v array 2 x 4 x 2 weights hbm[3] port 128 bit
      }
      region b on slr1 {
        kernel proj array 4 x 8 weights bram
        kernel down array 4 x 4 weights hbm[10..11]
      }
    }`,
  ...more,
});

describe.each([['W4A8 in groups, out of bf16', encoder('groups', { type: 'BF16' }), 0.3]] as const)(
  '%s',
  (precision, one, bound) => {
    test(
      'three layers with weights from a file match the model’s definition',
      async () => {
        const project = exported(one);
        expect(project.losses).toHaveLength(3);
        const readme = fileOf(project, 'README.md');
        expect(readme).toContain('From `model.safetensors` (names of bert)');
        expect(readme).toContain('one step an output channel, or per 40 of its weights');
        expect(JSON.parse(fileOf(project, 'estimate.json')).weights.quantisation_error).toEqual(project.losses);
        const { code, output, error } = await compareWhole(await disk.write(project), one);
        expect(output).not.toMatch(/warning|FAILED/);
        expect(output).toMatch(
          /layer 3 of 3\n[\s\S]*down linear fp32 bit-exact 352 of 352\n[\s\S]*PASSED: \d+ checks$/m,
        );
        expect(code).toBe(0);
        expect(error).toBeLessThan(bound);
        expect(error, precision).toBeGreaterThan(0);
      },
      5 * minutes,
    );
  },
);
