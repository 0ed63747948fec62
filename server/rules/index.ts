/** All rules, in the order in which their diagnostics are worth reading. */
import type { Diagnostic, Fix } from '../diagnostic.ts';
import { arrayDoesNotDivide } from './array-does-not-divide.ts';
import { duplicateName } from './duplicate-name.ts';
import { fifoDeadlock } from './fifo-deadlock.ts';
import { hbmCapacity } from './hbm-capacity.ts';
import { hbmChannelBandwidth } from './hbm-channel-bandwidth.ts';
import { importFailed } from './import-failed.ts';
import { invalidValue } from './invalid-value.ts';
import { missingPart } from './missing-part.ts';
import { notModelled } from './not-modelled.ts';
import { operatorMappedTwice } from './operator-mapped-twice.ts';
import { bramOversubscribed, dspOversubscribed, lutOversubscribed, uramOversubscribed } from './oversubscribed.ts';
import { requirementFailed } from './requirement-failed.ts';
import type { Facts, FixContext, Rule } from './rule.ts';
import { shapeMismatch } from './shape-mismatch.ts';
import { streamWidthMismatch } from './stream-width-mismatch.ts';
import { syntaxError } from './syntax-error.ts';
import { unitMismatch } from './unit-mismatch.ts';
import { unknownName } from './unknown-name.ts';
import { unmappedOperator } from './unmapped-operator.ts';

export const rules: readonly Rule[] = [
  syntaxError,
  importFailed,
  missingPart,
  unknownName,
  duplicateName,
  unitMismatch,
  invalidValue,
  shapeMismatch,
  operatorMappedTwice,
  unmappedOperator,
  dspOversubscribed,
  bramOversubscribed,
  uramOversubscribed,
  lutOversubscribed,
  hbmCapacity,
  hbmChannelBandwidth,
  fifoDeadlock,
  requirementFailed,
  streamWidthMismatch,
  arrayDoesNotDivide,
  notModelled,
];

const byCode = new Map(rules.map((rule) => [rule.code, rule]));

export function check(facts: Facts): Diagnostic[] {
  return rules.flatMap((rule) => rule.check(facts));
}

/** Quick fixes of a diagnostic; may try edits out, so it runs only when a person asks. */
export function fixes(diagnostic: Diagnostic, context: FixContext): Fix[] {
  return byCode.get(diagnostic.code)?.fix?.(diagnostic, context) ?? [];
}
