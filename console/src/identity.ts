// The identity of a document from what stands on it, normalised and hashed here by the TypeScript client.

import { identityFields as fieldsOf, kindNumber } from "../../clients/typescript/src/identity.ts";
import { NormaliseError } from "../../clients/typescript/src/normalise.ts";
import { Paper, type Document } from "../../clients/typescript/src/paper.ts";
import { word, type Key } from "./strings.ts";

/** The kinds that the ledger registers, the most asked for first. */
export const KINDS = ["NCD", "MTD", "RAIL_BL", "OBL", "WHR", "HOUSE_BILL", "LEG_NOTE_CN", "LEG_NOTE_SMGS", "LEG_NOTE_CIM"];

const ORDER = ["issuer", "number", "issue_date", "site", "departure_station", "country"];

export interface Identity {
  /** Of each field its normalised text, or why it has none. */
  parts: Record<string, { text?: string; error?: string }>;
  /** What the branch is asked, once every field stands: the raw hash and nothing else of the document. */
  request: ReturnType<Paper["identityRequest"]> | null;
}

/** The fields that make the identity of a kind, in the order of asking. */
export function identityFields(kind: string): { name: string; hint: Key }[] {
  const names: string[] = [...fieldsOf(kindNumber(kind))].sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b));
  const byCode = kind === "OBL" || kind.startsWith("LEG_NOTE");
  return names.map((name) => ({ name, hint: (name === "issuer" && byCode ? "hint_issuer_code" : `hint_${name}`) as Key }));
}

/** Normalises what was typed, and hashes it once it is whole. */
export function identify(kind: string, values: Record<string, string>): Identity {
  const names = identityFields(kind).map((field) => field.name);
  const parts = Object.fromEntries(names.map((name) => [name, part(kind, name, values[name])]));
  if (!names.every((name) => parts[name].text)) return { parts, request: null };
  const document = { kind, ...Object.fromEntries(names.map((name) => [name, values[name]])) } as Document;
  return { parts, request: new Paper(document).identityRequest() };
}

function part(kind: string, name: string, value: string | undefined): { text?: string; error?: string } {
  if (!value?.trim()) return {};
  try {
    return { text: new Paper({ kind, [name]: value } as Document).texts(name as Parameters<Paper["texts"]>[0])[0] };
  } catch (error) {
    return { error: error instanceof NormaliseError ? word("reason", error.reason) : String(error) };
  }
}
