/** What torchvision calls the convolutions and products of its networks, by the names of the library's models. */
import type { Architecture, Source } from './architectures.ts';

type Sources = Record<string, Source>;

/** A convolution and the batch norm behind it. */
const normed = (tensor: string, norm: string): Source => ({ tensor, norm });

function resnet(): Sources {
  const operators: Sources = { conv1: normed('conv1', 'bn1'), fc: { tensor: 'fc' } };
  for (let stage = 1; stage <= 4; stage++) {
    for (let block = 0; block < 36; block++) {
      const [own, theirs] = [`s${stage + 1}_${block + 1}`, `layer${stage}.${block}`];
      for (const n of [1, 2, 3]) operators[`${own}_conv${n}`] = normed(`${theirs}.conv${n}`, `${theirs}.bn${n}`);
      operators[`${own}_short`] = normed(`${theirs}.downsample.0`, `${theirs}.downsample.1`);
    }
  }
  return operators;
}

/** Layers of `features` one behind the other: a convolution, its batch norm where there are any, relu; a pooling ends a block. */
function vgg(blocks: readonly number[], norms: boolean): Sources {
  const operators: Sources = {};
  let layer = 0;
  for (const [block, count] of blocks.entries()) {
    for (let n = 1; n <= count; n++) {
      const tensor = `features.${layer}`;
      operators[`conv${block + 1}_${n}`] = norms ? normed(tensor, `features.${layer + 1}`) : { tensor };
      layer += norms ? 3 : 2;
    }
    layer += 1;
  }
  return { ...operators, ...classifier(['fc6', 'fc7', 'fc8'], [0, 3, 6]) };
}

function classifier(names: readonly string[], layers: readonly number[]): Sources {
  return Object.fromEntries(names.map((name, i): [string, Source] => [name, { tensor: `classifier.${layers[i]}` }]));
}

const alexnet: Sources = {
  ...Object.fromEntries([0, 3, 6, 8, 10].map((layer, i) => [`conv${i + 1}`, { tensor: `features.${layer}` }])),
  ...classifier(['fc6', 'fc7', 'fc8'], [1, 4, 6]),
};

const sixteen = [2, 2, 3, 3, 3];

export const imageArchitectures: readonly Architecture[] = [
  { name: 'resnet, torchvision', prefixes: ['', 'module.'], operators: resnet() },
  { name: 'vgg, torchvision', prefixes: ['', 'module.'], operators: vgg(sixteen, false) },
  { name: 'vgg with batch norms, torchvision', prefixes: ['', 'module.'], operators: vgg(sixteen, true) },
  { name: 'alexnet, torchvision', prefixes: ['', 'module.'], operators: alexnet },
];
