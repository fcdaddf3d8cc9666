/** The identity of a document from its normalised fields, and the content root under which fields are disclosed. */
import { blake3 } from "@noble/hashes/blake3.js";
import { encode } from "./borsh.js";
import { concat, fromHex, toHex, utf8 } from "./bytes.js";
import { hash } from "./crypto.js";
import { constants } from "./schema.js";

/** A field's number with its normalised bytes. */
export type Field = [number, Uint8Array];

export const FIELD = {
  number: 1, issue_date: 2, issuer: 3, country: 4, departure_station: 5, departure_date: 6, train: 7, version: 8, consignor: 10,
  consignee: 11, buyer: 12, parties: 13, containers: 20, wagons: 21, seals: 22, vins: 23, batches: 24, ssccs: 25, meat_lots: 26,
  certificates: 27, brand: 28, packages: 30, gross_weight: 31, hs: 32, quantity: 33, destination: 40, destination_country: 41, site: 50,
  depositor: 51, inbound_date: 52, cells: 53, quality_certificate: 54, national_code: 55, arrived_in: 56, contract_number: 60,
  invoice_number: 61, amount: 62, transport_document: 63, aggregate: 64, party: 70, number_skeleton: 0x8001, gross_bucket: 0x8002,
} as const;
export type FieldName = keyof typeof FIELD;

export const fieldName = (field: number): string => Object.entries(FIELD).find(([, number]) => number === field)?.[0] ?? String(field);

const KINDS = new Map(constants.kinds.map(([number, name]) => [name, number]));

/** The number of a kind of document, such as 11 for `NCD`. */
export function kindNumber(kind: string | number): number {
  const number = typeof kind === "number" ? constants.kinds.find(([n]) => n === kind)?.[0] : KINDS.get(kind.toUpperCase());
  if (number === undefined) throw new Error(`unknown document kind ${kind}`);
  return number;
}

export const kindName = (kind: number): string => constants.kinds.find(([number]) => number === kind)?.[1] ?? "UNKNOWN";

/** The number that enters a fingerprint: kinds of one family share their fingerprints. */
export function family(kind: number): number {
  const name = kindName(kind);
  if (["MTD", "NCD", "RAIL_BL"].includes(name)) return kindNumber("MTD");
  return name.startsWith("LEG_NOTE_") ? kindNumber("LEG_NOTE_CN") : kind;
}

const IDENTITY: Record<string, FieldName[]> = {
  LEG_NOTE_CN: ["number", "issue_date", "issuer", "departure_station"],
  LEG_NOTE_SMGS: ["number", "issue_date", "issuer", "departure_station"],
  LEG_NOTE_CIM: ["number", "issue_date", "issuer", "country", "departure_station"],
  WHR: ["number", "issue_date", "issuer", "site"],
  OBL: ["number", "issuer"],
  POLICY: ["number", "issuer"],
  ORIGIN: ["number", "issuer"],
  DECLARATION: ["number"],
  E_INVOICE: ["number"],
  INVOICE: ["number", "issue_date", "consignor"],
  PACKING_LIST: ["number", "issue_date", "consignor"],
  CONTRACT: ["number", "issue_date", "parties"],
};

/** The fields whose combination is the identity (fp1) of a kind, ascending. */
export const identityFields = (kind: number): FieldName[] => IDENTITY[kindName(kind)] ?? ["number", "issue_date", "issuer"];

export const LAYER = { identity: 1, content: 2, near: 3 };

/** The raw fingerprint of a layer over normalised fields. */
export function rawFingerprint(kind: number, layer: number, fields: Field[]): Uint8Array {
  const sorted = [...fields].sort(([a], [b]) => a - b);
  if (sorted.some(([id], i) => i > 0 && sorted[i - 1]![0] === id)) throw new Error("a field is stated twice");
  const input = { tuple: ["string", "u16", "u8", { seq: { tuple: ["u16", "bytes"] } }] };
  return hash(encode(input, ["landsea/fp/v1", kind, layer, sorted.map(([id, bytes]) => [id, toHex(bytes)])]));
}

/** Recomputes the raw identity from disclosed fields; other fields are ignored. */
export function rawIdentity(kind: number, fields: Field[]): Uint8Array {
  const wanted: number[] = identityFields(kind).map((name) => FIELD[name]);
  const missing = identityFields(kind).find((name) => !fields.some(([id]) => id === FIELD[name]));
  if (missing) throw new Error(`${kindName(kind)} needs the field \`${missing}\``);
  return rawFingerprint(family(kind), LAYER.identity, fields.filter(([id]) => wanted.includes(id)));
}

export type OpenedField = { index: number; field: number; bytes: string; salt: string; path: string[] };
/** Some fields of a document with what leads from them to its content root. */
export type ContentOpening = { leaves: number; fields: OpenedField[] };

const u16 = (n: number): Uint8Array => encode("u16", n);
const u32 = (n: number): Uint8Array => encode("u32", n);
const leafHash = (field: number, bytes: Uint8Array, salt: Uint8Array): Uint8Array =>
  hash(utf8("landsea/content-leaf/v1"), u16(field), encode("u64", bytes.length), bytes, salt);
const nodeHash = (left: Uint8Array, right: Uint8Array): Uint8Array => hash(utf8("landsea/content-node/v1"), left, right);
const rootHash = (leaves: number, top: Uint8Array): Uint8Array => hash(utf8("landsea/content-root/v1"), u32(leaves), top);

/** The salt of a field under the issuer's secret. */
export const contentSalt = (secret: Uint8Array, field: number): Uint8Array =>
  blake3(concat(utf8("landsea/content-salt/v1"), u16(field)), { key: secret });

/** The tree over all fields of a document, ascending by number, under the salts of a secret: leaves first, the top last. */
function levels(fields: Field[], secret: Uint8Array): Uint8Array[][] {
  if (fields.length < 1 || fields.length > 256) throw new Error("there must be 1 to 256 fields");
  const all = [fields.map(([id, bytes]) => leafHash(id, bytes, contentSalt(secret, id)))];
  for (let level = all[0]!; level.length > 1; all.push(level)) {
    const pairs = Array.from({ length: Math.ceil(level.length / 2) }, (_, i) => [level[2 * i]!, level[2 * i + 1]] as const);
    level = pairs.map(([left, right]) => (right ? nodeHash(left, right) : left));
  }
  return all;
}

/** The commitment to all fields of a document under the salts of a secret that the issuer keeps. */
export const contentRoot = (fields: Field[], secret: Uint8Array): string => toHex(rootHash(fields.length, levels(fields, secret).at(-1)![0]!));

/** Discloses the chosen fields under the content root. */
export function openContent(fields: Field[], secret: Uint8Array, chosen: number[]): ContentOpening {
  const missing = chosen.find((id) => !fields.some(([known]) => known === id));
  if (missing !== undefined) throw new Error(`the document does not state field ${missing}`);
  const tree = levels(fields, secret);
  const path = (index: number): string[] => tree.flatMap((level, height) => level[(index >> height) ^ 1] ?? []).map(toHex);
  const opened = fields.flatMap(([field, bytes], index): OpenedField[] =>
    chosen.includes(field) ? [{ index, field, bytes: toHex(bytes), salt: toHex(contentSalt(secret, field)), path: path(index) }] : [],
  );
  return { leaves: fields.length, fields: opened };
}

/** Checks a disclosure against a content root and returns its fields. */
export function openedFields(opening: ContentOpening, root: string): Field[] {
  opening.fields.forEach((opened, i) => {
    const before = opening.fields[i - 1];
    if (before && (before.index >= opened.index || before.field >= opened.field)) throw new Error("the fields are not in strictly ascending order");
  });
  return opening.fields.map((opened) => {
    const top = topOf(opened, opening.leaves);
    if (!top || toHex(rootHash(opening.leaves, top)) !== root) throw new Error(`field ${opened.field} does not open under the content root`);
    return [opened.field, fromHex(opened.bytes)];
  });
}

function topOf(opened: OpenedField, leaves: number): Uint8Array | undefined {
  let [index, width] = [opened.index, leaves];
  let at = leafHash(opened.field, fromHex(opened.bytes), fromHex(opened.salt, 32));
  let used = 0;
  if (index >= width) return undefined;
  for (; width > 1; index = Math.floor(index / 2), width = Math.ceil(width / 2)) {
    if (index % 2 === 0 && index + 1 >= width) continue;
    const sibling = opened.path[used++];
    if (sibling === undefined) return undefined;
    at = index % 2 === 0 ? nodeHash(at, fromHex(sibling, 32)) : nodeHash(fromHex(sibling, 32), at);
  }
  return used === opened.path.length ? at : undefined;
}
