/** All rules, in the order in which their diagnostics are worth reading. */
import type { Parsed } from '../../grammar/tree.ts';
import type { Diagnostic, Fix } from '../diagnostic.ts';
import { accumulatorOverflow } from './accumulator-overflow.ts';
import { arrayDoesNotDivide } from './array-does-not-divide.ts';
import { burstTooShort } from './burst-too-short.ts';
import { cacheCapacity } from './cache-capacity.ts';
import { clockTooFast } from './clock-too-fast.ts';
import { closureUnlikely } from './closure-unlikely.ts';
import { duplicateName } from './duplicate-name.ts';
import { echoOf } from './echo.ts';
import { withEffect } from './effect.ts';
import { enginesOversubscribed } from './engines-oversubscribed.ts';
import { fifoDeadlock } from './fifo-deadlock.ts';
import { fifoStall } from './fifo-stall.ts';
import { hbmCapacity } from './hbm-capacity.ts';
import { hbmChannelBandwidth } from './hbm-channel-bandwidth.ts';
import { hbmChannelShared } from './hbm-channel-shared.ts';
import { ignoreWithoutEffect, withoutIgnored } from './ignore.ts';
import { importFailed } from './import-failed.ts';
import { invalidValue } from './invalid-value.ts';
import { kernelWaits } from './kernel-waits.ts';
import { lanesMismatch } from './lanes-mismatch.ts';
import { atLevels, type Levels } from './levels.ts';
import { memoryPorts } from './memory-ports.ts';
import { missingPart } from './missing-part.ts';
import { moduloAddressing } from './modulo-addressing.ts';
import { notModelled } from './not-modelled.ts';
import { operatorMappedTwice } from './operator-mapped-twice.ts';
import {
  bramOversubscribed,
  dspOversubscribed,
  ffOversubscribed,
  lutOversubscribed,
  uramOversubscribed,
} from './oversubscribed.ts';
import { packImpossible } from './pack-impossible.ts';
import { parametersMissing } from './parameters-missing.ts';
import { portTooNarrow } from './port-too-narrow.ts';
import { requirementFailed } from './requirement-failed.ts';
import type { Facts, Finding, FixContext, Rule } from './rule.ts';
import { shapeMismatch } from './shape-mismatch.ts';
import { streamTooNarrow } from './stream-too-narrow.ts';
import { streamWidthMismatch } from './stream-width-mismatch.ts';
import { syntaxError } from './syntax-error.ts';
import { unbalancedPipeline } from './unbalanced-pipeline.ts';
import { unitMismatch } from './unit-mismatch.ts';
import { unknownName } from './unknown-name.ts';
import { unmappedOperator } from './unmapped-operator.ts';
import { unusedName } from './unused-name.ts';
import { wrongMemory } from './wrong-memory.ts';

export const rules: readonly Rule[] = [
  syntaxError,
  importFailed,
  parametersMissing,
  missingPart,
  unknownName,
  duplicateName,
  unitMismatch,
  invalidValue,
  shapeMismatch,
  packImpossible,
  operatorMappedTwice,
  unmappedOperator,
  dspOversubscribed,
  bramOversubscribed,
  uramOversubscribed,
  lutOversubscribed,
  ffOversubscribed,
  enginesOversubscribed,
  hbmCapacity,
  cacheCapacity,
  memoryPorts,
  hbmChannelBandwidth,
  hbmChannelShared,
  portTooNarrow,
  burstTooShort,
  clockTooFast,
  closureUnlikely,
  fifoDeadlock,
  fifoStall,
  requirementFailed,
  streamWidthMismatch,
  streamTooNarrow,
  arrayDoesNotDivide,
  lanesMismatch,
  accumulatorOverflow,
  wrongMemory,
  moduloAddressing,
  unbalancedPipeline,
  kernelWaits,
  unusedName,
  notModelled,
];

const byCode = new Map(rules.map((rule) => [rule.code, rule]));

/** Every code that a diagnostic may have and a setting may speak of. */
export const codes: readonly string[] = [...byCode.keys(), ignoreWithoutEffect.code];

/** Rules that a comment may silence: not those that say what is wrong with the text itself. */
const ignorable = new Set(rules.filter((rule) => !rule.ofText).map((rule) => rule.code));

/** What the rules say of a spec: what is wrong with its text, and what follows from what it means. */
export function check(
  facts: Facts,
  source?: { readonly text: string; readonly parsed: Parsed },
  levels: Levels = {},
): Diagnostic[] {
  const said = inOrderOfText(found(facts));
  const { file } = facts.design;
  const heard = source
    ? withoutIgnored(said, { file, text: source.text, comments: source.parsed.comments }, ignorable)
    : said;
  return atLevels(heard, levels);
}

function found(facts: Facts): Diagnostic[] {
  const ofText = diagnosticsOf(
    rules.filter((rule) => rule.ofText),
    facts,
    () => false,
  );
  const errors = ofText.filter((diagnostic) => diagnostic.severity === 'error').map(({ span }) => span);
  const isEcho = echoOf(errors, facts.design);
  const rest = rules.filter((rule) => !rule.ofText);
  return [...ofText, ...diagnosticsOf(rest, facts, isEcho)];
}

/** File by file, from top to bottom: as a person reads. */
function inOrderOfText(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const files = [...new Set(diagnostics.map(({ span }) => span.file))];
  return files.flatMap((file) =>
    diagnostics.filter(({ span }) => span.file === file).sort((a, b) => a.span.start - b.span.start),
  );
}

function diagnosticsOf(some: readonly Rule[], facts: Facts, isEcho: (finding: Finding) => boolean): Diagnostic[] {
  return some.flatMap(({ code, severity, tags, find }) =>
    [...find(facts)]
      .filter((finding) => !isEcho(finding))
      .map(({ span, message, related = [], subject = {} }) => ({
        code,
        severity,
        span,
        message,
        related,
        subject,
        ...(tags && { tags }),
      })),
  );
}

/** Quick fixes of a diagnostic; may try edits out, so it runs only when a person asks. */
export function fixes(diagnostic: Diagnostic, context: FixContext): Fix[] {
  const { code } = diagnostic;
  const rule = byCode.get(code);
  const found = (rule ?? ignoreWithoutEffect).fix?.(diagnostic, context) ?? [];
  // What the text says wrong has no figures yet that a fix could change.
  return rule && !rule.ofText ? found.map((fix) => withEffect(fix, diagnostic.subject.accelerator, context)) : found;
}
