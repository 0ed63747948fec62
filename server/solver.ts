/** HiGHS, where there is Node. A browser's door finds its WebAssembly by itself. */
import { setFlagsFromString } from 'node:v8';
import type { Solver } from './tune/integer-program.ts';

/** Work of a function of WebAssembly, in bytes of its code, before V8 optimises it; by default a hundredth. */
const TIERING_BUDGET = 1_000_000_000;

/** A run calls the solver a few times: to optimise all that it touches would take longer than the run, on every core. */
export async function loadSolver(): Promise<Solver> {
  setFlagsFromString(`--wasm-tiering-budget=${TIERING_BUDGET}`);
  const { default: loadHighs } = await import('highs');
  return loadHighs();
}
