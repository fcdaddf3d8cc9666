/** Bytes, hex digits, and JSON whose whole numbers may exceed 2^53. */

/** Reads hex digits of either case; `bytes` fixes how many bytes there must be. */
export function fromHex(text: string, bytes?: number): Uint8Array {
  if (typeof text !== "string" || text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) throw new Error("expected hex digits");
  if (bytes !== undefined && text.length !== 2 * bytes) throw new Error(`expected ${2 * bytes} hex digits, got ${text.length}`);
  const out = new Uint8Array(text.length / 2);
  for (let i = 0; i < out.length; i++) out[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return out;
}

const DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

export function toHex(bytes: Uint8Array): string {
  let out = "";
  for (const byte of bytes) out += DIGITS[byte];
  return out;
}

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

export function concat(...parts: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export const equal = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);

const BIG = "\u0000u64";

/** Parses JSON and keeps every whole number exact: those beyond 2^53 become a bigint. */
export function parseJson(text: string): unknown {
  const marked = text.replace(/"[^"\\]*(?:\\.[^"\\]*)*"|(?<![\d.eE+-])\d{16,}(?![\d.eE])/g, (found) =>
    found.startsWith('"') || Number.isSafeInteger(Number(found)) ? found : `{"\\u0000u64":"${found}"}`,
  );
  return JSON.parse(marked, (_, value) => (value !== null && typeof value === "object" && BIG in value ? BigInt(value[BIG]) : value));
}

/** Writes JSON with bigints as plain numbers. */
export function toJson(value: unknown, indent = 0): string {
  const marked = JSON.stringify(value, (_, v) => (typeof v === "bigint" ? `${BIG}${v}` : v), indent);
  return marked.replace(/"\\u0000u64(\d+)"/g, "$1");
}
