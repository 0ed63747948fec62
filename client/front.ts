/** *Weft: Tune for a Front…*: designs with less hardware and a longer pass, of which a person opens some beside the spec. */
import { type QuickPickItem, QuickPickItemKind, Uri, window } from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import type { FrontAxis, TunedPoint, TuneParams } from '../server/requests.ts';
import { compare, found } from './proposals.ts';

export const title = 'Weft: Tune for a Front';

/** What latency is held against, as a person reads it. */
const rivals: Readonly<Record<Exclude<FrontAxis, 'latency'>, string>> = {
  dsp: 'DSP',
  bram: 'BRAM',
  uram: 'URAM',
  lut: 'LUT',
  ff: 'FF',
  energy: 'energy of a result',
  power: 'power',
};

export async function tuneFront(client: BaseLanguageClient, params: TuneParams): Promise<void> {
  const items = (Object.keys(rivals) as (keyof typeof rivals)[]).map((rival) => ({
    label: `Latency against ${rivals[rival]}`,
    rival,
  }));
  const chosen = await window.showQuickPick(items, { title, placeHolder: 'What should a longer pass save?' });
  if (chosen) await search(client, { ...params, front: ['latency', chosen.rival] });
}

async function search(client: BaseLanguageClient, params: TuneParams): Promise<void> {
  const result = await found(client, params);
  if (result?.kind !== 'front') return;
  const { accelerator, version, points, asItStands } = result;
  const spec = Uri.parse(params.uri);
  const again = () => search(client, params);
  const items: (QuickPickItem & { readonly point?: TunedPoint })[] = [
    { label: `as it stands: ${asItStands}`, kind: QuickPickItemKind.Separator },
    ...points.map((point) => ({ label: point.title, detail: point.detail, point })),
  ];
  const choose = async (): Promise<void> => {
    const chosen = await window.showQuickPick(items, {
      title,
      placeHolder: `${accelerator}: which design? Latency is of a layer, of generate of all tokens`,
      ignoreFocusOut: true, // whoever looks at the spec meanwhile does not lose what took so long
    });
    if (!chosen?.point) return; // a separator cannot be chosen
    const proposal = { ...chosen.point, spec, version, again };
    await compare(client, proposal, chosen.label, `${accelerator}: ${chosen.label}`, { 'Other Points': choose });
  };
  await choose();
}
