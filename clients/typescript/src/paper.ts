/**
 * A paper in hand: from the firm's own JSON to what the ledger wants to know of it.
 *
 * Field values never leave the firm. What leaves is raw fingerprints (to the own branch) and a content root (to the ledger).
 */
import { encode } from "./borsh.js";
import { concat, fromHex, toHex, utf8 } from "./bytes.js";
import { hash } from "./crypto.js";
import {
  contentRoot, family, FIELD, identityFields, kindName, kindNumber, LAYER, openContent, rawFingerprint, type ContentOpening, type Field, type FieldName,
} from "./identity.js";
import { isLocode, normalise, readQuantity, type Class, type DateOrder } from "./normalise.js";

/** A document as the firm's own system knows it; quantities, dates and numbers are text as they stand on the paper. */
export type Document = {
  kind: string | number;
  number?: string; version?: string; date_order?: DateOrder; issue_date?: string; issuer?: string; country?: string; departure_station?: string;
  departure_date?: string; train?: string; consignor?: string; seller?: string; consignee?: string; buyer?: string; containers?: string[];
  wagons?: string[]; seals?: string[]; vins?: string[]; brand?: string; batches?: (string | { brand?: string; number: string })[]; ssccs?: string[];
  meat_lots?: { establishment: string; production_date: string; health_certificate: string }[]; certificates?: string[]; aggregate?: string;
  packages?: string | number; gross_weight?: string; hs?: string[]; destination?: string; destination_country?: string; site?: string;
  depositor?: string; quantity?: string; inbound_date?: string; cells?: string[]; quality_certificate?: string; national_code?: string;
  arrived_in?: { containers?: string[]; wagons?: string[]; departure_date?: string; vins?: string[]; local?: boolean }; contract_number?: string;
  invoice_number?: string; amount?: string; transport_document?: string;
};

/** What is sent to the branch for a ticket: no field of the document can be read from it without guessing. */
export type DeriveRequest = {
  kind: number; rules: number; fp1: string; fp2: string; near: string[]; goods_keys: [string, string][]; arrival_keys: [string, string][];
};

/** Version of the normalisation rules; every ticket names it. */
export const RULES = 1;
const ZERO = "00".repeat(32);

export type ClassedKey = { class: number; key: string };
/** A lot in the form that `waybill.issue` takes it. */
export type NewLot = { kind: string; uom: string; qty: number | bigint; packages: number; goods_class: string; keys: ClassedKey[] };

/** One lot of a document as people describe it: which of the document's goods it holds, and how much. */
export type LotInput = { kind?: string; quantity: string; packages?: string | number; hs?: string[] } & Goods;
type Goods = Pick<Document, "containers" | "wagons" | "vins" | "batches" | "ssccs" | "meat_lots" | "cells">;
type Keyed = { body: { goods_keys: ClassedKey[] } };
const NO_GOODS: Goods = { containers: [], wagons: [], vins: [], batches: [], ssccs: [], meat_lots: [], cells: [] };
const goodsOf = ({ containers, wagons, vins, batches, ssccs, meat_lots, cells }: Document): Goods => ({ containers, wagons, vins, batches, ssccs, meat_lots, cells });

/** The document does not state a field that its kind needs. */
export class MissingField extends Error {
  constructor(kind: number | string, field: string) {
    super(`a document of kind ${typeof kind === "number" ? kindName(kind) : kind} needs ${field}`);
    this.name = "MissingField";
  }
}

/** A document with everything computed from it. */
export class Paper {
  readonly kind: number;
  private readonly content: Content;

  /** Names the field that is missing, malformed or not of the kind. */
  constructor(readonly document: Document) {
    this.content = contentOf(document);
    this.kind = this.content.kind;
  }

  /** The normalised fields, ascending by number. */
  get fields(): Field[] {
    return [...this.content.fields].sort(([a], [b]) => a - b).map(([id, value]) => [id, bytesOf(value)]);
  }

  /** The normalised texts of a field; a set has several. */
  texts(field: FieldName): string[] {
    const value = this.content.fields.get(FIELD[field]);
    return value === undefined ? [] : typeof value === "string" ? [value] : value;
  }

  /** The raw identity alone: enough to ask for a document by kind, issuer, number and what else its kind needs. */
  rawIdentity(): string {
    const missing = identityFields(this.kind).find((name) => !this.content.fields.has(FIELD[name]));
    if (missing) throw new MissingField(this.kind, `the field \`${missing}\``);
    return layer(this.content, LAYER.identity, identityFields(this.kind));
  }

  /** The raw fingerprints of all layers and of the goods: what a ticket to register the document needs. */
  deriveRequest(): DeriveRequest {
    const { content } = this;
    requireFields(content);
    const keys = isLedger(content.kind) ? goodsKeys(content) : [];
    if (isLedger(content.kind) && keys.length === 0) throw new MissingField(content.kind, `one of the fields ${goodsFields(content.kind)}`);
    const fp2 = isLedger(content.kind) ? layer(content, LAYER.content, contentIdentity(content.kind)) : ZERO;
    return { kind: content.kind, rules: RULES, fp1: this.rawIdentity(), fp2, near: near(content), goods_keys: keys, arrival_keys: arrivalKeys(content) };
  }

  /** The request that asks for the document by its identity alone. Its ticket serves to look, not to register or pledge. */
  identityRequest(): DeriveRequest {
    return single(this.kind, this.rawIdentity());
  }

  /** The whole request if the document states all that its kind needs, otherwise that by its identity. */
  lookupRequest(): DeriveRequest {
    try {
      return this.deriveRequest();
    } catch (error) {
      if (error instanceof MissingField) return this.identityRequest();
      throw error;
    }
  }

  /** The commitment to all fields under the salts of a secret that the issuer keeps. */
  contentRoot(secret: Uint8Array): string {
    return contentRoot(this.fields, secret);
  }

  /** Discloses fields under the content root, those of the identity unless others are named. */
  open(secret: Uint8Array, names: FieldName[] = identityFields(this.kind)): ContentOpening {
    return openContent(this.fields, secret, names.map((name) => FIELD[name]));
  }

  /** The issue date as yyyymmdd. */
  get issueDate(): number {
    const [date] = this.texts("issue_date");
    if (!date) throw new Error("the document states no `issue_date`");
    return Number(date);
  }

  /** The document's goods as lots with the ticket's keys: the lots described, or the whole document as one. */
  lots(ticket: Keyed, described: LotInput[] = []): NewLot[] {
    const own = goodsKeys(this.content);
    const pairs = ticket.body.goods_keys.every((key, i) => own[i]?.[0] === String.fromCharCode(key.class));
    if (own.length !== ticket.body.goods_keys.length || !pairs) throw new Error("the ticket was made for another document: its goods keys do not pair with this one's");
    const whole: LotInput = { ...goodsOf(this.document), quantity: this.document.quantity ?? this.document.gross_weight ?? "", packages: this.document.packages };
    if (described.length === 0 && whole.quantity === "") throw new Error("the document states neither `quantity` nor `gross_weight`");
    return (described.length > 0 ? described : [whole]).map((lot, i) => this.lot(lot, i, own, ticket));
  }

  private lot({ kind = "UNIT", quantity, packages = 0, hs, ...goods }: LotInput, index: number, own: [string, string][], ticket: Keyed): NewLot {
    const narrowed = contentOf({ ...this.document, ...NO_GOODS, ...goods });
    const keys = goodsKeys(narrowed).map(([cls, raw]) => {
      const at = own.findIndex(([c, r]) => c === cls && r === raw);
      if (at < 0) throw new Error(`lot ${index} names goods that the document does not name`);
      return ticket.body.goods_keys[at]!;
    });
    const { unit, thousandths } = readQuantity(quantity);
    const [code] = hs ?? this.document.hs ?? [];
    const count = packages === 0 ? 0 : Number(normalise("COUNT", String(packages), "packages"));
    return { kind, uom: unit, qty: thousandths, packages: count, goods_class: code === undefined ? "000000" : normalise("HS", code, "hs"), keys };
  }
}

/** The request for the fingerprint of a firm, by USCC or LEI. */
export const partyRequest = (code: string): DeriveRequest => singleField("PARTY", FIELD.party, normalise("PARTY", code, "party"));
/** The request for the fingerprint of a warehouse site, by licence number or national code. */
export const siteRequest = (code: string): DeriveRequest => singleField("SITE", FIELD.site, normalise("DOCNO", code, "site"));

const singleField = (kind: string, id: number, text: string): DeriveRequest => {
  const number = kindNumber(kind);
  return single(number, toHex(rawFingerprint(number, LAYER.identity, [[id, utf8(text)]])));
};
const single = (kind: number, fp1: string): DeriveRequest => ({ kind, rules: RULES, fp1, fp2: ZERO, near: Array(8).fill(ZERO), goods_keys: [], arrival_keys: [] });

// From a document to its normalised fields.

type Value = string | string[];
type Content = { kind: number; fields: Map<number, Value> };

const TEXTS: FieldName[] = [
  "number", "issue_date", "issuer", "country", "departure_station", "departure_date", "train", "version", "consignor", "consignee", "buyer", "brand",
  "packages", "gross_weight", "quantity", "destination", "destination_country", "site", "depositor", "inbound_date", "quality_certificate",
  "national_code", "contract_number", "invoice_number", "amount", "transport_document", "aggregate",
];
const SETS: FieldName[] = ["containers", "wagons", "seals", "vins", "ssccs", "certificates", "hs", "cells"];
const OTHERS = ["kind", "date_order", "seller", "batches", "meat_lots", "arrived_in"];

function contentOf(given: Document): Content {
  const unknown = Object.keys(given).find((key) => ![...TEXTS, ...SETS, ...OTHERS].includes(key));
  if (unknown) throw new Error(`unknown field \`${unknown}\``);
  const d: Document = { ...given, consignor: given.consignor ?? given.seller };
  const content: Content = { kind: kindNumber(d.kind), fields: new Map() };
  for (const name of TEXTS) {
    const text = d[name as keyof Document];
    if (text === undefined || text === null) continue;
    if (typeof text !== "string" && !(name === "packages" && Number.isSafeInteger(text))) throw new Error(`field \`${name}\`: expected text${name === "packages" ? " or a whole number" : ""}`);
    content.fields.set(FIELD[name], fieldText(content.kind, d, name, String(text)));
  }
  for (const name of SETS) {
    const texts = (d[name as keyof Document] ?? []) as string[];
    addSet(content, name, texts.map((text) => fieldText(content.kind, d, name, text)));
  }
  addSet(content, "batches", (d.batches ?? []).map((batch) => batchText(d, batch)));
  addSet(content, "meat_lots", (d.meat_lots ?? []).map((lot) => meatLotText(d, lot)));
  addSet(content, "arrived_in", arrivalTexts(d));
  addParties(content);
  addCountry(content);
  return content;
}

function fieldText(kind: number, d: Document, name: FieldName, text: string): string {
  checkApplicable(kind, name);
  const cls = classOf(kind, name);
  const normal = normalise(cls, text, name, d.date_order);
  if (name === "gross_weight" && !normal.startsWith("KGM")) throw new Error(`field \`gross_weight\` is not a valid QTY: it is not a weight`);
  return normal;
}

function checkApplicable(kind: number, name: FieldName): void {
  const receiptOnly = ["site", "depositor", "inbound_date", "cells", "quality_certificate", "national_code", "arrived_in"].includes(name);
  const neverOnReceipt = ["wagons", "train", "departure_date"].includes(name);
  const isReceipt = kindName(kind) === "WHR";
  if ((receiptOnly && !isReceipt) || (neverOnReceipt && isReceipt)) throw new Error(`a document of kind ${kindName(kind)} has no field \`${name}\``);
}

const CLASS_OF: Partial<Record<FieldName, Class>> = {
  country: "COUNTRY", destination_country: "COUNTRY", departure_station: "PLACE", destination: "PLACE", issue_date: "DATE", departure_date: "DATE",
  inbound_date: "DATE", consignor: "TRADER", buyer: "TRADER", depositor: "TRADER", consignee: "CONSIGNEE", containers: "CONTAINER", wagons: "WAGON",
  vins: "VIN", ssccs: "SSCC", packages: "COUNT", gross_weight: "QTY", quantity: "QTY", hs: "HS", cells: "CELL", amount: "MONEY",
};

function classOf(kind: number, name: FieldName): Class {
  const of = kindName(kind);
  if (name === "number" && of === "DECLARATION") return "CUSTOMS";
  if (name === "number" && of === "E_INVOICE") return "E_INVOICE";
  if (name === "issuer") return isLegNote(kind) || of === "OBL" || of === "ORIGIN" ? "ISSUER_CODE" : "PARTY";
  return CLASS_OF[name] ?? "DOCNO";
}

const isLegNote = (kind: number): boolean => kindName(kind).startsWith("LEG_NOTE_");
const isTransport = (kind: number): boolean => isLegNote(kind) || ["MTD", "NCD", "RAIL_BL", "OBL", "HOUSE_BILL"].includes(kindName(kind));
const isLedger = (kind: number): boolean => isTransport(kind) || kindName(kind) === "WHR";

const compareUtf8 = (a: string, b: string): number => {
  const [x, y] = [utf8(a), utf8(b)];
  for (let i = 0; i < Math.min(x.length, y.length); i++) if (x[i] !== y[i]) return x[i]! - y[i]!;
  return x.length - y.length;
};
const setOf = (texts: string[]): string[] => [...new Set(texts)].sort(compareUtf8);

function addSet(content: Content, name: FieldName, texts: string[]): void {
  if (texts.length === 0) return;
  checkApplicable(content.kind, name);
  content.fields.set(FIELD[name], setOf(texts));
}

function batchText(d: Document, batch: string | { brand?: string; number: string }): string {
  const { brand = undefined, number } = typeof batch === "string" ? { number: batch } : batch;
  const named = brand ?? d.brand;
  if (!named) throw new MissingField(d.kind, "the field `brand`");
  return `${normalise("DOCNO", named, "brand")}|${normalise("DOCNO", number, "batches")}`;
}

function meatLotText(d: Document, lot: { establishment: string; production_date: string; health_certificate: string }): string {
  const part = (cls: Class, text: string): string => normalise(cls, text, "meat_lots", d.date_order);
  return `${part("DOCNO", lot.establishment)}|${part("DATE", lot.production_date)}|${part("DOCNO", lot.health_certificate)}`;
}

function arrivalTexts(d: Document): string[] {
  const arrived = d.arrived_in ?? {};
  const part = (cls: Class, text: string): string => normalise(cls, text, "arrived_in", d.date_order);
  const dated = (wagon: string): string => {
    if (arrived.departure_date === undefined) throw new MissingField(d.kind, "the field `departure_date`");
    return `W|${part("WAGON", wagon)}|${part("DATE", arrived.departure_date)}`;
  };
  return [
    ...(arrived.containers ?? []).map((c) => `C|${part("CONTAINER", c)}`),
    ...(arrived.vins ?? []).map((v) => `V|${part("VIN", v)}`),
    ...(arrived.wagons ?? []).map(dated),
    ...(arrived.local ? ["L|LOCAL"] : []),
  ];
}

const textOf = (content: Content, name: FieldName): string | undefined => {
  const value = content.fields.get(FIELD[name]);
  return typeof value === "string" ? value : undefined;
};

function addParties(content: Content): void {
  const [seller, buyer] = [textOf(content, "consignor"), textOf(content, "buyer") ?? textOf(content, "consignee")];
  if (kindName(content.kind) === "CONTRACT" && seller && buyer) content.fields.set(FIELD.parties, setOf([seller, buyer]));
}

/** The country of a destination that is a UN/LOCODE; what is stated beside it must agree. */
function addCountry(content: Content): void {
  const destination = textOf(content, "destination");
  if (isLegNote(content.kind) || !destination || !isLocode(destination)) return;
  const country = destination.slice(0, 2);
  const stated = textOf(content, "destination_country");
  if (stated !== undefined && stated !== country) throw new Error("field `destination_country` is not a valid COUNTRY: expected the country of `destination`");
  content.fields.set(FIELD.destination_country, country);
}

const bytesOf = (value: Value): Uint8Array => (typeof value === "string" ? utf8(value) : encode({ seq: "string" }, value));

// Raw fingerprints.

function layer(content: Content, number: number, names: FieldName[]): string {
  const fields = names.flatMap((name): Field[] => {
    const value = content.fields.get(FIELD[name]);
    return value === undefined ? [] : [[FIELD[name], bytesOf(value)]];
  });
  return toHex(rawFingerprint(family(content.kind), number, fields));
}

const contentIdentity = (kind: number): FieldName[] =>
  kindName(kind) === "WHR"
    ? ["vins", "batches", "ssccs", "meat_lots", "certificates", "hs", "quantity", "site", "depositor", "inbound_date"]
    : ["consignor", "consignee", "containers", "wagons", "vins", "batches", "packages", "gross_weight", "hs", "destination"];

function requireFields(content: Content): void {
  const { kind, fields } = content;
  const base: FieldName[] = ["consignor", "consignee", "packages", "gross_weight", "destination"];
  const more: FieldName[] = kindName(kind) === "WHR" ? ["hs", "quantity", "depositor", "inbound_date"] : isLegNote(kind) ? base : isTransport(kind) ? [...base, "hs"] : [];
  const missing = [...identityFields(kind), ...more].find((name) => !fields.has(FIELD[name]));
  if (missing) throw new MissingField(kind, `the field \`${missing}\``);
}

const NEAR_TRANSPORT: FieldName[][] = [
  ["departure_date", "containers"], ["consignor", "hs", "gross_bucket"], ["issuer", "number_skeleton"], ["consignor", "consignee", "packages"], ["seals"],
  ["departure_date", "wagons"], ["packages", "gross_weight", "hs"], ["containers", "destination"],
];
const NEAR_RECEIPT: FieldName[][] = [
  ["site", "cells"], ["hs", "quantity", "depositor"], ["batches"], ["site", "number_skeleton"], ["quantity", "inbound_date"], ["brand", "quantity"],
  ["quality_certificate"], ["national_code"],
];

function near(content: Content): string[] {
  if (!isLedger(content.kind)) return Array(8).fill(ZERO);
  const fields = new Map(content.fields);
  const [number, gross] = [textOf(content, "number"), textOf(content, "gross_weight")];
  if (number) fields.set(FIELD.number_skeleton, normalise("SKELETON", number, "number"));
  if (gross) fields.set(FIELD.gross_bucket, (BigInt(gross.slice(3)) / 100_000n).toString());
  const combinations = kindName(content.kind) === "WHR" ? NEAR_RECEIPT : NEAR_TRANSPORT;
  return combinations.map((names, i) => {
    const chosen: FieldName[] = names.includes("wagons") && !fields.has(FIELD.wagons) ? ["departure_date", "train"] : names;
    return chosen.every((name) => fields.has(FIELD[name])) ? layer({ kind: content.kind, fields }, LAYER.near + i, chosen) : ZERO;
  });
}

// Goods.

const rawKey = (cls: string, value: string): [string, string] => [cls, toHex(hash(utf8("gk/v1/"), utf8(cls), utf8(value)))];
const PLAIN: [string, FieldName][] = [["C", "containers"], ["V", "vins"], ["B", "batches"], ["P", "ssccs"], ["M", "meat_lots"]];

const goodsFields = (kind: number): string =>
  kindName(kind) === "WHR" ? "`batches`, `meat_lots`, `vins`, `ssccs`, `containers`, `cells`" : "`containers`, `wagons`, `vins`, `batches`, `ssccs`, `meat_lots`";

function goodsKeys(content: Content): [string, string][] {
  const elements = (name: FieldName): string[] => (content.fields.get(FIELD[name]) ?? []) as string[];
  const keys = PLAIN.flatMap(([cls, name]) => elements(name).map((value) => rawKey(cls, value)));
  const date = textOf(content, "departure_date");
  if (elements("wagons").length > 0 && !date) throw new MissingField(content.kind, "the field `departure_date`");
  keys.push(...elements("wagons").map((wagon) => rawKey("W", `${wagon}|${date}`)));
  keys.push(...elements("cells").map((cell) => rawKey("S", `${textOf(content, "site") ?? ""}|${cell}`)));
  return ascending(keys);
}

function arrivalKeys(content: Content): [string, string][] {
  const spelled = (content.fields.get(FIELD.arrived_in) ?? []) as string[];
  return ascending(spelled.map((text) => rawKey(text[0]!, text.slice(text.indexOf("|") + 1))));
}

const ascending = (keys: [string, string][]): [string, string][] => {
  const sorted = [...keys].sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : x > y ? 1 : 0));
  return sorted.filter(([cls, raw], i) => i === 0 || sorted[i - 1]![0] !== cls || sorted[i - 1]![1] !== raw);
};

/** blake3(salt ‖ canonical bytes): a commitment to something said beside the document. */
export const commitment = (salt: Uint8Array | string, canonical: Uint8Array | string): string =>
  toHex(hash(concat(typeof salt === "string" ? fromHex(salt, 32) : salt, typeof canonical === "string" ? utf8(canonical) : canonical)));
