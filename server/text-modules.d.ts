// Weft specs, C++ headers and templates are bundled as text (esbuild's `text` loader, the same in vitest.config.ts).
declare module '*.weft' {
  const text: string;
  export default text;
}
declare module '*.h' {
  const text: string;
  export default text;
}
declare module '*.cpp' {
  const text: string;
  export default text;
}
declare module '*.py' {
  const text: string;
  export default text;
}
