/**
 * Normalisation classes: each turns every accepted spelling of a value into one text, or refuses. Nothing here guesses.
 *
 * NFKC and upper case are those of the running engine; the rules pin a Unicode version, and the characters that documents use have not
 * changed since.
 */

/** Why a text does not fit its class; never with the text itself, which may be a business secret. */
export class NormaliseError extends Error {
  constructor(readonly reason: Reason, readonly cls: Class, readonly field: string, detail: string) {
    super(`field \`${field}\` is not a valid ${cls}: ${detail}`);
    this.name = "NormaliseError";
  }
}
export type Reason =
  | "Empty" | "TooLong" | "Length" | "Character" | "CheckDigit" | "Ambiguous" | "NotExact" | "OutOfRange" | "UnknownUnit" | "UnknownCurrency"
  | "NoSuchDate" | "Malformed";
export type Class =
  | "DOCNO" | "SKELETON" | "USCC" | "LEI" | "PARTY" | "TRADER" | "CONSIGNEE" | "ISSUER_CODE" | "CONTAINER" | "WAGON" | "VIN" | "SSCC" | "DATE"
  | "QTY" | "COUNT" | "MONEY" | "HS" | "PLACE" | "COUNTRY" | "NAME" | "E_INVOICE" | "CUSTOMS" | "CELL";
export type DateOrder = "DMY" | "MDY" | "YMD";

class Unfit extends Error {
  constructor(readonly reason: Reason, detail: string) {
    super(detail);
  }
}
const unfit = (reason: Reason, detail: string): never => {
  throw new Unfit(reason, detail);
};
const empty = (): never => unfit("Empty", "nothing is left after normalisation");
const malformed = (expected: string): never => unfit("Malformed", `expected ${expected}`);
const checkDigit = (): never => unfit("CheckDigit", "the check digit does not hold");

const CHARS_MAX = 256;

/** Brings a text to the one spelling of its class; `field` is named in the error. */
export function normalise(cls: Class, text: string, field = "field", order?: DateOrder): string {
  try {
    if (typeof text !== "string") malformed("text");
    if ([...text].length > CHARS_MAX) unfit("TooLong", `longer than ${CHARS_MAX} characters`);
    return CLASSES[cls](text, order);
  } catch (error) {
    throw error instanceof Unfit ? new NormaliseError(error.reason, cls, field, error.message) : error;
  }
}

const CLASSES: Record<Class, (text: string, order?: DateOrder) => string> = {
  DOCNO: docno, SKELETON: skeleton, CELL: cell, USCC: uscc, LEI: lei, PARTY: party, TRADER: trader, CONSIGNEE: consignee,
  ISSUER_CODE: issuerCode, CONTAINER: container, VIN: vin, SSCC: sscc, DATE: date, COUNT: (text) => count(text).toString(), MONEY: money,
  HS: hs, PLACE: place, COUNTRY: country, NAME: name, E_INVOICE: eInvoice,
  QTY: (text) => { const { unit, thousandths } = quantity(text); return `${unit}${thousandths}`; },
  WAGON: (text) => digits(text, "7, 8 or 12 digits", (n) => n === 7 || n === 8 || n === 12),
  CUSTOMS: (text) => digits(text, "18 digits", (n) => n === 18),
};

// Characters.

const SPACE = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/u;
const INVISIBLE = /[\u00ad\u034f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff]/u;
const DASH = /[-\u2010-\u2015\u2212\ufe58\ufe63\uff0d]/u;
const HAN =
  /[\u2e80-\u2e99\u2e9b-\u2ef3\u2f00-\u2fd5\u3005\u3007\u3021-\u3029\u3038-\u303b\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufa6d\ufa70-\ufad9\u{16fe2}\u{16fe3}\u{16ff0}\u{16ff1}\u{20000}-\u{2a6df}\u{2a700}-\u{2b739}\u{2b740}-\u{2b81d}\u{2b820}-\u{2cea1}\u{2ceb0}-\u{2ebe0}\u{2ebf0}-\u{2ee5d}\u{2f800}-\u{2fa1d}\u{30000}-\u{3134a}\u{31350}-\u{323af}]/u;

const isSeparator = (c: string): boolean => SPACE.test(c) || INVISIBLE.test(c) || DASH.test(c) || "_/\\.·,:;#()〔〕[]【】".includes(c);
const isDigit = (c: string): boolean => c >= "0" && c <= "9" && c.length === 1;
const isUpper = (c: string): boolean => c >= "A" && c <= "Z" && c.length === 1;
const allDigits = (text: string): boolean => /^[0-9]+$/.test(text);

/** Folds full width, spaces and dashes, and nothing else: NFKC would turn `25²` into `252`. */
function narrow(text: string): string {
  const folded = [...text].filter((c) => !INVISIBLE.test(c)).map((c) => {
    if (c >= "\uff01" && c <= "\uff5e") return String.fromCodePoint(c.codePointAt(0)! - 0xfee0);
    return SPACE.test(c) ? " " : DASH.test(c) ? "-" : c;
  });
  return folded.join("").replace(/^ +| +$/g, "").replace(/[a-z]/g, (c) => c.toUpperCase());
}

const compact = (text: string, separators = ""): string => [...narrow(text)].filter((c) => c !== " " && !separators.includes(c)).join("");

function only(text: string, allowed: (c: string) => boolean): void {
  const at = [...text].findIndex((c) => !allowed(c));
  if (at >= 0) unfit("Character", `character ${at + 1} is not allowed`);
}

function length(text: string, expected: string, accepted: (n: number) => boolean): void {
  const found = [...text].length;
  if (found === 0) empty();
  if (!accepted(found)) unfit("Length", `${found} characters where ${expected} are required`);
}

// Document numbers.

const isDocnoChar = (c: string): boolean => isDigit(c) || isUpper(c) || HAN.test(c);

function docno(text: string): string {
  const body = stripWords([...text.normalize("NFKC").toUpperCase()]).filter((c) => !isSeparator(c)).join("");
  only(body, isDocnoChar);
  length(body, "1 to 40", (n) => n <= 40);
  return body;
}

function trimmed(chars: string[]): string[] {
  const first = chars.findIndex((c) => !isSeparator(c));
  return first < 0 ? [] : chars.slice(first, chars.length - [...chars].reverse().findIndex((c) => !isSeparator(c)));
}

/** Takes off `第`, `号` and a `NO` that a separator follows, until nothing changes. */
function stripWords(text: string[]): string[] {
  let rest = trimmed(text);
  for (;;) {
    const next = trimmed(stripOnce(rest));
    if (next.length === rest.length) return rest;
    rest = next;
  }
}

function stripOnce(chars: string[]): string[] {
  if (chars[0] === "第") return chars.slice(1);
  if (chars.at(-1) === "号") return chars.slice(0, -1);
  return chars[0] === "N" && chars[1] === "O" && chars[2] !== undefined && isSeparator(chars[2]) ? chars.slice(2) : chars;
}

const LOOK_ALIKE: Record<string, string> = { O: "0", I: "1", L: "1", S: "5", B: "8", Z: "2" };

function skeleton(text: string): string {
  const merged = [...docno(text)].map((c) => LOOK_ALIKE[c] ?? c);
  let inRun = false;
  return merged.filter((c, i) => {
    if (c === "0" && !inRun && isDigit(merged[i + 1] ?? "")) return false;
    inRun = isDigit(c);
    return true;
  }).join("");
}

function cell(text: string): string {
  const visible = [...text.normalize("NFKC").toUpperCase()].filter((c) => !INVISIBLE.test(c));
  const body = visible.map((c) => (isSeparator(c) ? "-" : c)).join("").split("-").filter((part) => part !== "").join("-");
  only(body, (c) => c === "-" || isDocnoChar(c));
  length(body, "1 to 40", (n) => n <= 40);
  return body;
}

// Firms.

const USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY";

function uscc(text: string): string {
  const code = compact(text);
  length(code, "18", (n) => n === 18);
  only(code, (c) => USCC_ALPHABET.includes(c));
  let [weight, sum] = [1, 0];
  [...code].forEach((c, i) => {
    sum = (sum + USCC_ALPHABET.indexOf(c) * (i === 17 ? 1 : weight)) % 31;
    weight = (weight * 3) % 31;
  });
  return sum === 0 ? code : checkDigit();
}

function lei(text: string): string {
  const code = compact(text);
  length(code, "20", (n) => n === 20);
  only(code, (c) => isDigit(c) || isUpper(c));
  const rest = [...code].reduce((sum, c) => (sum * (isDigit(c) ? 10 : 100) + Number.parseInt(c, 36)) % 97, 0);
  return allDigits(code.slice(18)) && rest === 1 ? code : checkDigit();
}

function party(text: string): string {
  const found = [...compact(text)].length;
  if (found === 0) empty();
  if (found === 18) return uscc(text);
  return found === 20 ? lei(text) : unfit("Length", `${found} characters where 18 (USCC) or 20 (LEI) are required`);
}

function trader(text: string): string {
  const named = /^([^:：]*)[:：]([^]*)$/u.exec(text);
  return named && compact(named[1]!) === "NAME" ? `NAME:${name(named[2]!)}` : party(text);
}

function consignee(text: string): string {
  const words = compact(text, "_.,-");
  const isOrder = words === "ORDER" || ["TOORDER", "TOTHEORDER", "凭指示", "凭指定"].some((clause) => words.startsWith(clause));
  return isOrder ? "ORDER" : trader(text);
}

function issuerCode(text: string): string {
  const code = compact(text);
  const found = [...code].length;
  if (found === 0) empty();
  if (found === 18 || found === 20) return party(text);
  if (found < 2 || found > 8) unfit("Length", `${found} characters where 2 to 8 (code), 18 (USCC) or 20 (LEI) are required`);
  only(code, (c) => isDigit(c) || isUpper(c));
  return code;
}

const TRADITIONAL = [..."國際貿易運輸車鐵龍東華廣發業電機設備進電聯陸慶長滙豐銀行貨倉儲鋼鋁銅糧農漁產實業財資開區灣門濱瀾潤興達遠橋輪馬島關總團務處經濟礦紡織製造藥學藝術圖書報館飯專賣買"];
const SIMPLIFIED = [..."国际贸易运输车铁龙东华广发业电机设备进电联陆庆长汇丰银行货仓储钢铝铜粮农渔产实业财资开区湾门滨澜润兴达远桥轮马岛关总团务处经济矿纺织制造药学艺术图书报馆饭专卖买"];

/** A firm's name, for soft comparison only. */
function name(text: string): string {
  const upper = text.normalize("NFKC").toUpperCase();
  const lower = [...upper].map((c) => c.toLowerCase()).join("").normalize("NFKC");
  const simplified = [...lower].map((c) => { const at = TRADITIONAL.indexOf(c); return at < 0 ? c : SIMPLIFIED[at]!; });
  const words = (of: string): string[] => of.split(new RegExp(SPACE.source, "u")).filter((w) => w !== "" && !["co", "ltd", "pte", "gmbh", "llc"].includes(w));
  let now = words(simplified.filter((c) => /[\p{Alphabetic}\p{N}]/u.test(c) || SPACE.test(c)).join(""));
  for (;;) {
    const next = words(now.map((word) => word.replaceAll("有限公司", "").replaceAll("股份", "")).join(" "));
    if (next.join(" ") === now.join(" ")) break;
    now = next;
  }
  return now.length > 0 ? now.join(" ") : empty();
}

// Codes of a fixed shape.

function digits(text: string, expected: string, accepted: (n: number) => boolean): string {
  const code = compact(text, "-");
  only(code, isDigit);
  length(code, expected, accepted);
  return code;
}

function container(text: string): string {
  const code = compact(text, "-");
  length(code, "11", (n) => n === 11);
  if (!/^[A-Z]{3}[UJZ][0-9]{7}$/.test(code)) malformed("three owner letters, U, J or Z, and seven digits");
  const value = (c: string): number => { const v = Number.parseInt(c, 36); return v <= 9 ? v : v === 10 ? 10 : v <= 20 ? v + 1 : v <= 30 ? v + 2 : v + 3; };
  const sum = [...code.slice(0, 10)].reduce((total, c, power) => total + value(c) * 2 ** power, 0);
  return (sum % 11) % 10 === Number(code[10]) ? code : checkDigit();
}

function vin(text: string): string {
  const code = compact(text, "-");
  length(code, "17", (n) => n === 17);
  only(code, (c) => (isDigit(c) || isUpper(c)) && !"IOQ".includes(c));
  return code;
}

function sscc(text: string): string {
  const bare = compact(text, "-");
  const code = digits(bare.startsWith("(00)") ? bare.slice(4) : bare, "18 digits", (n) => n === 18);
  const sum = [...code].reduce((total, c, i) => total + Number(c) * (i % 2 === 0 ? 3 : 1), 0);
  return sum % 10 === 0 ? code : checkDigit();
}

function hs(text: string): string {
  const code = compact(text, ".-");
  only(code, isDigit);
  length(code, "6 to 13 digits", (n) => n >= 6 && n <= 13);
  return code.slice(0, 6);
}

/** Whether a normalised place is a UN/LOCODE, which begins with its country. */
export const isLocode = (code: string): boolean => /^[A-Z]{2}[A-Z2-9]{3}$/.test(code);

function place(text: string): string {
  const code = compact(text, "-");
  length(code, "3 to 8", (n) => n >= 3 && n <= 8);
  const letters = [...code].filter(isUpper).length;
  const numbers = [...code].filter(isDigit).length;
  const isRail = (letters === 3 && numbers === 0) || (letters === 0 && numbers >= 5 && /^[0-9]+$/.test(code));
  return isRail || isLocode(code) ? code : malformed("a UN/LOCODE, a three-letter rail code or a rail code of 5 to 8 digits");
}

const UIC =
  "10FI20RU21BY22UA23MD24LT25LV26EE27KZ28GE29UZ30KP31MN32VN33CN41AL51PL52BG53RO54CZ55HU56SK57AZ58AM59KG60IE62ME65MK66TJ67TM68AF70GB71ES72RS73GR74SE75TR76NO78HR79SI80DE81AT82LU83IT84NL85CH86DK87FR88BE94PT96IR";

function country(text: string): string {
  const code = compact(text);
  length(code, "2", (n) => n === 2);
  if (/^[A-Z]{2}$/.test(code)) return code;
  const at = allDigits(code) ? (UIC.match(/.{4}/g) ?? []).find((entry) => entry.startsWith(code)) : undefined;
  return at ? at.slice(2) : malformed("an ISO 3166 alpha-2 code or a UIC country number");
}

function eInvoice(text: string): string {
  const groups = narrow(text).split(/[ \-/]/).filter((group) => group !== "");
  if (groups.length === 0) empty();
  const [code, number, more] = groups;
  if (groups.every((g) => allDigits(g)) && more === undefined) {
    if (number === undefined && code!.length === 20) return code!;
    if (number !== undefined && (code!.length === 10 || code!.length === 12) && number.length === 8) return `${code}-${number}`;
  }
  return malformed("20 digits, or a code of 10 or 12 digits, a separator and a number of 8 digits");
}

// Dates.

const MONTHS = ["JANUARY", "FEBRUARY", "MARCH", "APRIL", "MAY", "JUNE", "JULY", "AUGUST", "SEPTEMBER", "OCTOBER", "NOVEMBER", "DECEMBER"];
const DATE_SHAPE = "a calendar date such as 2026-03-02, 02/MAR/26 or 2026年3月2日";

/** Year-first and named-month forms are read always, other numeric ones only under a stated order. */
function date(text: string, order?: DateOrder): string {
  const folded = narrow(text);
  if (folded === "") empty();
  const chinese = /^([^年]*)年([^月]*)月([^]*)[日号]$/u.exec(folded.replaceAll(" ", ""));
  if (chinese) return yearFirst(chinese[1]!, chinese[2]!, chinese[3]!);
  const tokens = dateTokens(folded);
  const [a, b, c] = tokens;
  if (tokens.length === 1) return /^[0-9]{8}$/.test(a!) ? yearFirst(a!.slice(0, 4), a!.slice(4, 6), a!.slice(6, 8)) : malformed(DATE_SHAPE);
  if (tokens.length !== 3) return malformed(DATE_SHAPE);
  if (tokens.every(allDigits)) return numericDate(a!, b!, c!, order);
  if (allDigits(a!) && allDigits(c!)) return namedMonth(a!, b!, c!);
  if (allDigits(b!) && allDigits(c!) && c!.length === 4) return namedMonth(b!, a!, c!);
  return malformed(DATE_SHAPE);
}

/** Parts between one kind of separator, or runs of letters and digits where there is none. */
function dateTokens(text: string): string[] {
  const commaFree = text.replaceAll(", ", " ");
  const separators = [...commaFree].filter((c) => !/[0-9A-Za-z]/.test(c));
  const first = separators[0];
  if (first === undefined) return text.match(/[0-9]+|[^0-9]+/g) ?? [];
  if (separators.some((c) => c !== first) || !"-/. ".includes(first)) malformed(DATE_SHAPE);
  return commaFree.split(first);
}

const yearFirst = (year: string, month: string, day: string): string =>
  year.length === 4 ? calendar(year, month, day) : unfit("Ambiguous", "ambiguous: the year needs four digits");

function numericDate(a: string, b: string, c: string, order?: DateOrder): string {
  if (a.length === 4) return calendar(a, b, c);
  if (order === "DMY") return calendar(c, b, a);
  if (order === "MDY") return calendar(c, a, b);
  return order === "YMD" ? calendar(a, b, c) : unfit("Ambiguous", "ambiguous: state `date_order` (DMY, MDY or YMD), or write the year first");
}

function namedMonth(day: string, month: string, year: string): string {
  const index = MONTHS.findIndex((m) => m === month || m.slice(0, 3) === month || (month === "SEPT" && m === "SEPTEMBER"));
  return index < 0 ? malformed(DATE_SHAPE) : calendar(year, String(index + 1), day);
}

function calendar(year: string, month: string, day: string): string {
  if (![month, day].every((part) => /^[0-9]{1,2}$/.test(part)) || !/^([0-9]{2}|[0-9]{4})$/.test(year)) malformed(DATE_SHAPE);
  const [y, m, d] = [Number(year) + (year.length === 2 ? 2000 : 0), Number(month), Number(day)];
  const leap = y % 4 === 0 && (y % 100 !== 0 || y % 400 === 0);
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][m - 1] ?? 0;
  if (y < 1970 || y > 2199 || d < 1 || d > days) unfit("NoSuchDate", "there is no such day in the calendar");
  return String(y * 10000 + m * 100 + d);
}

// Quantities and amounts.

const UNITS = new Map(
  "KG KGM 0,KGS KGM 0,KGM KGM 0,公斤 KGM 0,千克 KGM 0,T KGM 3,MT KGM 3,TNE KGM 3,TONNE KGM 3,TONNES KGM 3,吨 KGM 3,公吨 KGM 3,G KGM -3,GRM KGM -3,克 KGM -3,L LTR 0,LTR LTR 0,升 LTR 0,M3 LTR 3,MTQ LTR 3,CBM LTR 3,立方米 LTR 3,PCE PCE 0,PC PCE 0,PCS PCE 0,件 PCE 0,个 PCE 0,台 PCE 0,辆 PCE 0,NMP NMP 0,PKG NMP 0,PKGS NMP 0,包 NMP 0"
    .split(",").map((row) => row.split(" ") as [string, string, string]).map(([unit, base, power]) => [unit, { base, power: Number(power) }] as const),
);
const NUMBER_SHAPE = "a number with a decimal point, and commas only before full groups of three digits";
const U64 = 0xffffffffffffffffn;

/** A quantity in thousandths of its base unit. */
export type Quantity = { unit: string; thousandths: bigint };

function quantity(text: string): Quantity {
  const folded = narrow(text).replaceAll("M³", "M3");
  if (folded === "") empty();
  const [, number, unit] = /^([0-9,.]*)([^]*)$/u.exec(folded)!;
  const known = unit === "" ? undefined : UNITS.get(unit!.trim());
  if (!known) return unfit("UnknownUnit", "the unit of measure is absent or unknown");
  const thousandths = scaled(number!, known.power + 3);
  return thousandths === 0n ? unfit("OutOfRange", "the value is out of range") : { unit: known.base, thousandths };
}

/** Reads a quantity such as `25.2 t`. */
export function readQuantity(text: string, field = "quantity"): Quantity {
  const [, unit, thousandths] = /^([A-Z]{3})([0-9]+)$/.exec(normalise("QTY", text, field))!;
  return { unit: unit!, thousandths: BigInt(thousandths!) };
}

function count(text: string): bigint {
  const folded = narrow(text);
  if (folded === "") empty();
  const packages = scaled(folded, 0);
  return packages === 0n ? unfit("OutOfRange", "the value is out of range") : packages;
}

/** A decimal number times a power of ten, exactly. */
function scaled(number: string, power: number): bigint {
  const point = number.indexOf(".");
  const [whole, fraction] = point < 0 ? [number, ""] : [number.slice(0, point), number.slice(point + 1)];
  if (point >= 0 && !allDigits(fraction)) malformed(NUMBER_SHAPE);
  const significant = fraction.replace(/0+$/, "");
  const value = BigInt(ungrouped(whole) + significant);
  const zeros = power - significant.length;
  const factor = 10n ** BigInt(Math.abs(zeros));
  if (value > U64 || factor > U64) unfit("OutOfRange", "the value is out of range");
  if (zeros < 0) return value % factor === 0n ? value / factor : unfit("NotExact", "cannot be expressed exactly in the base unit");
  return value * factor <= U64 ? value * factor : unfit("OutOfRange", "the value is out of range");
}

function ungrouped(whole: string): string {
  const groups = whole.split(",");
  if (!groups.every(allDigits)) malformed(NUMBER_SHAPE);
  const [first, ...rest] = groups;
  const grouped = rest.length === 0 || (first!.length <= 3 && !first!.startsWith("0") && rest.every((g) => g.length === 3));
  return grouped ? groups.join("") : unfit("Ambiguous", "ambiguous: a comma must stand before a full group of three digits");
}

const CURRENCIES: [number, string][] = [
  [0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"],
  [2, "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW ZWG"],
  [3, "BHD IQD JOD KWD LYD OMR TND"],
];

function money(text: string): string {
  const folded = narrow(text);
  if (folded === "") empty();
  const front = /^([0-9,.]+)([^]+)$/u.exec(folded);
  const back = front ? null : /^([^0-9,.]+)([^]+)$/u.exec(folded);
  const [number, currency] = front ? [front[1]!, front[2]!.trim()] : [back?.[2] ?? "", (back?.[1] ?? "").trim()];
  const code = currency === "RMB" || currency === "人民币" ? "CNY" : currency;
  const decimals = CURRENCIES.find(([, codes]) => code !== "" && codes.split(" ").includes(code))?.[0];
  return decimals === undefined ? unfit("UnknownCurrency", "the currency is absent or not an ISO 4217 code") : `${code}${scaled(number, decimals)}`;
}
