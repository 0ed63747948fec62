import manifest from '../package.json' with { type: 'json' };

/** Of Weft, as it stands in reports and exported projects. */
export const version: string = manifest.version;
