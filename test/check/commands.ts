/** The tools of `npm run check`, as they are called in a folder that holds the sources and this project's settings. */
export const commands = {
  types: 'tsc --noEmit --pretty false',
  lint: 'biome ci --error-on-warnings --colors=off --reporter=concise .',
  deadCode: 'knip --no-progress --no-config-hints',
  duplicates: 'jscpd grammar server client test --config test/check/jscpd.json',
} as const;
