/**
 * The borsh codec, driven by `schema.json`: values are in their JSON form on one side and bytes on the other.
 *
 * Both directions are strict. Encoding refuses unknown and missing fields (an absent option may be left out) and numbers out of range;
 * decoding refuses left-over bytes, unknown tags and a map whose keys do not ascend, so a value has one encoding.
 */
import { concat, fromHex, toHex, utf8 } from "./bytes.js";
import { constants, types, type Definition, type EnumDefinition, type TypeRef } from "./schema.js";

/** Why a value or bytes do not fit a type; `path` says where. */
export class FormatError extends Error {
  constructor(readonly path: string, problem: string) {
    super(path ? `${path}: ${problem}` : problem);
    this.name = "FormatError";
  }
}

type Fields = Record<string, unknown>;

/** Encodes a value in JSON form. */
export function encode(type: TypeRef, value: unknown): Uint8Array {
  const writer = new Writer();
  write(writer, type, value, "");
  return writer.done();
}

/** Decodes bytes to the JSON form; a `u64` beyond 2^53 is a bigint. */
export function decode<T = any>(type: TypeRef, bytes: Uint8Array): T {
  const reader = new Reader(bytes);
  const value = read(reader, type, "");
  if (reader.at !== bytes.length) throw new FormatError("", `${bytes.length - reader.at} bytes are left over`);
  return value as T;
}

/** Encodes a struct but for some of its fields: what is signed of it. */
export function encodeWithout(type: TypeRef, without: string[], value: unknown): Uint8Array {
  const definition = typeof type === "string" ? types[type] : undefined;
  if (without.length === 0 || !definition || !("struct" in definition)) return encode(type, value);
  const fields = value as Fields;
  return concat(...definition.struct.filter(([name]) => !without.includes(name)).map(([name, of]) => encode(of, fields[name] ?? null)));
}

class Writer {
  private parts: Uint8Array[] = [];
  raw(bytes: Uint8Array): void {
    this.parts.push(bytes);
  }
  uint(value: number | bigint, bytes: number): void {
    const out = new Uint8Array(bytes);
    let rest = BigInt(value);
    for (let i = 0; i < bytes; i++, rest >>= 8n) out[i] = Number(rest & 255n);
    this.parts.push(out);
  }
  done(): Uint8Array {
    return concat(...this.parts);
  }
}

class Reader {
  at = 0;
  constructor(readonly bytes: Uint8Array) {}
  raw(count: number, path: string): Uint8Array {
    if (count > this.bytes.length - this.at) throw new FormatError(path, "the bytes end too early");
    return this.bytes.slice(this.at, (this.at += count));
  }
  uint(bytes: number, path: string): number | bigint {
    let value = 0n;
    this.raw(bytes, path).forEach((byte, i) => (value |= BigInt(byte) << BigInt(8 * i)));
    return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
  }
  count(path: string): number {
    const count = Number(this.uint(4, path));
    // Every element that the schema knows takes a byte at least, so a forged length cannot make the reader allocate.
    if (count > this.bytes.length - this.at) throw new FormatError(path, "the bytes end too early");
    return count;
  }
}

const WIDTHS: Record<string, number> = { u8: 1, u16: 2, u32: 4, u64: 8 };

function number(value: unknown, bytes: number, path: string): bigint {
  const whole = typeof value === "bigint" || Number.isSafeInteger(value);
  if (!whole) throw new FormatError(path, `expected a whole number, got ${describe(value)}`);
  const big = BigInt(value as number | bigint);
  if (big < 0n || big >> BigInt(8 * bytes) !== 0n) throw new FormatError(path, `${big} does not fit ${8 * bytes} bits`);
  return big;
}

const describe = (value: unknown): string => (value === undefined ? "nothing" : value === null ? "null" : Array.isArray(value) ? "a list" : typeof value);

function list(value: unknown, path: string, length?: number): unknown[] {
  if (!Array.isArray(value)) throw new FormatError(path, `expected a list, got ${describe(value)}`);
  if (length !== undefined && value.length !== length) throw new FormatError(path, `expected ${length} entries, got ${value.length}`);
  return value;
}

function text(value: unknown, path: string): string {
  if (typeof value !== "string") throw new FormatError(path, `expected text, got ${describe(value)}`);
  return value;
}

function object(value: unknown, path: string): Fields {
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw new FormatError(path, `expected an object, got ${describe(value)}`);
  return value as Fields;
}

function hex(value: unknown, path: string, bytes?: number): Uint8Array {
  try {
    return fromHex(text(value, path), bytes);
  } catch (error) {
    throw error instanceof FormatError ? error : new FormatError(path, (error as Error).message);
  }
}

function write(out: Writer, type: TypeRef, value: unknown, path: string): void {
  if (typeof type === "string") return writeNamed(out, type, value, path);
  if ("hex" in type) return out.raw(hex(value, path, type.hex));
  if ("ascii" in type) return out.raw(ascii(text(value, path), type.ascii, path));
  if ("option" in type) {
    const absent = value === null || value === undefined;
    out.uint(absent ? 0 : 1, 1);
    return absent ? undefined : write(out, type.option, value, path);
  }
  if ("seq" in type) {
    const all = list(value, path);
    out.uint(all.length, 4);
    return all.forEach((entry, i) => write(out, type.seq, entry, `${path}[${i}]`));
  }
  if ("array" in type) return list(value, path, type.array[1]).forEach((entry, i) => write(out, type.array[0], entry, `${path}[${i}]`));
  if ("tuple" in type) {
    const all = list(value, path, type.tuple.length);
    return type.tuple.forEach((of, i) => write(out, of, all[i], `${path}[${i}]`));
  }
  const pairs = Object.entries(object(value, path)).map(([k, v]) => [encode(type.map[0], k), v, k] as const);
  pairs.sort(([a], [b]) => compareBytes(a, b));
  out.uint(pairs.length, 4);
  for (const [key, entry, name] of pairs) {
    out.raw(key);
    write(out, type.map[1], entry, `${path}.${name}`);
  }
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}

function ascii(code: string, bytes: number, path: string): Uint8Array {
  if (!/^[A-Z0-9]+$/.test(code) || code.length > bytes) throw new FormatError(path, `expected 1 to ${bytes} upper-case letters or digits`);
  return utf8(code.padEnd(bytes, " "));
}

function writeNamed(out: Writer, type: string, value: unknown, path: string): void {
  const width = WIDTHS[type];
  if (width !== undefined) return out.uint(number(value, width, path), width);
  if (type === "bool") {
    if (typeof value !== "boolean") throw new FormatError(path, `expected true or false, got ${describe(value)}`);
    return out.uint(value ? 1 : 0, 1);
  }
  if (type === "string" || type === "bytes") {
    const bytes = type === "string" ? utf8(text(value, path)) : hex(value, path);
    out.uint(bytes.length, 4);
    return out.raw(bytes);
  }
  const definition = definitionOf(type);
  if ("is" in definition) return write(out, definition.is, value, path);
  if ("struct" in definition) return writeStruct(out, definition.struct, object(value, path), path);
  writeEnum(out, type, definition, value, path);
}

function definitionOf(type: string): Definition {
  const definition = types[type];
  if (!definition) throw new Error(`the schema has no type ${type}`);
  return definition;
}

function writeStruct(out: Writer, fields: [string, TypeRef][], value: Fields, path: string, besides?: string): void {
  const unknown = Object.keys(value).find((key) => key !== besides && !fields.some(([name]) => name === key));
  if (unknown !== undefined) throw new FormatError(path, `the field ${unknown} is not known`);
  for (const [name, type] of fields) {
    const given = value[name];
    if (given === undefined && !(typeof type === "object" && "option" in type)) throw new FormatError(path, `the field ${name} is missing`);
    write(out, type, given, path ? `${path}.${name}` : name);
  }
}

function writeEnum(out: Writer, type: string, definition: EnumDefinition, value: unknown, path: string): void {
  const { tag, content } = definition.json;
  let name: string;
  let carried: unknown;
  if (tag === undefined) {
    const entries = typeof value === "string" ? [] : Object.entries(object(value, path));
    if (typeof value !== "string" && entries.length !== 1) throw new FormatError(path, "expected an object of one field");
    [name, carried] = typeof value === "string" ? [value, undefined] : entries[0]!;
  } else {
    const fields = object(value, path);
    name = text(fields[tag], `${path}.${tag}`);
    carried = content === undefined ? fields : fields[content];
    const unknown = content !== undefined && Object.keys(fields).find((key) => key !== tag && key !== content);
    if (unknown) throw new FormatError(path, `the field ${unknown} is not known`);
  }
  const variant = definition.enum.find(([, known]) => known === name);
  if (!variant) throw new FormatError(path, `${JSON.stringify(name)} is not a ${type}`);
  const [number, , of] = variant;
  out.uint(number, definition.tag_bytes);
  if (of === null) {
    if (carried !== undefined) throw new FormatError(path, `${name} carries nothing`);
  } else if (tag !== undefined && content === undefined) {
    writeStruct(out, (definitionOf(of as string) as { struct: [string, TypeRef][] }).struct, carried as Fields, path, tag);
  } else {
    write(out, of, carried, `${path}.${name}`);
  }
}

function read(from: Reader, type: TypeRef, path: string): unknown {
  if (typeof type === "string") return readNamed(from, type, path);
  if ("hex" in type) return toHex(from.raw(type.hex, path));
  if ("ascii" in type) return readAscii(from.raw(type.ascii, path), path);
  if ("option" in type) return flag(from, path) ? read(from, type.option, path) : null;
  if ("seq" in type) return Array.from({ length: from.count(path) }, (_, i) => read(from, type.seq, `${path}[${i}]`));
  if ("array" in type) return Array.from({ length: type.array[1] }, (_, i) => read(from, type.array[0], `${path}[${i}]`));
  if ("tuple" in type) return type.tuple.map((of, i) => read(from, of, `${path}[${i}]`));
  return readMap(from, type.map, path);
}

function readMap(from: Reader, [keys, values]: [TypeRef, TypeRef], path: string): Fields {
  const out: Fields = {};
  let last: Uint8Array | undefined;
  for (let left = from.count(path); left > 0; left--) {
    const start = from.at;
    const key = read(from, keys, path) as string;
    const bytes = from.bytes.slice(start, from.at);
    if (last && compareBytes(last, bytes) >= 0) throw new FormatError(path, "the keys do not ascend");
    last = bytes;
    out[key] = read(from, values, `${path}.${key}`);
  }
  return out;
}

function readAscii(bytes: Uint8Array, path: string): string {
  const code = new TextDecoder().decode(bytes).replace(/ +$/, "");
  if (!/^[A-Z0-9]*$/.test(code)) throw new FormatError(path, "expected upper-case letters or digits");
  return code;
}

function flag(from: Reader, path: string): boolean {
  const byte = from.uint(1, path);
  if (byte !== 0 && byte !== 1) throw new FormatError(path, `expected 0 or 1, got ${byte}`);
  return byte === 1;
}

function readNamed(from: Reader, type: string, path: string): unknown {
  const width = WIDTHS[type];
  if (width !== undefined) return from.uint(width, path);
  if (type === "bool") return flag(from, path);
  if (type === "bytes") return toHex(from.raw(from.count(path), path));
  if (type === "string") {
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(from.raw(from.count(path), path));
    } catch (error) {
      throw error instanceof FormatError ? error : new FormatError(path, "the text is not UTF-8");
    }
  }
  const definition = definitionOf(type);
  if ("is" in definition) return read(from, definition.is, path);
  if ("struct" in definition) {
    return Object.fromEntries(definition.struct.map(([name, of]) => [name, read(from, of, path ? `${path}.${name}` : name)]));
  }
  const tag = from.uint(definition.tag_bytes, path);
  const variant = definition.enum.find(([number]) => number === tag);
  if (!variant) throw new FormatError(path, `${tag} is no ${type}`);
  return readVariant(from, variant, definition.json, path);
}

function readVariant(from: Reader, [, name, of]: [number, string, TypeRef | null], json: { tag?: string; content?: string }, path: string): unknown {
  const carried = of === null ? undefined : read(from, of, `${path}.${name}`);
  if (json.tag === undefined) return carried === undefined ? name : { [name]: carried };
  if (json.content === undefined) return { [json.tag]: name, ...(carried as Fields | undefined) };
  return { [json.tag]: name, [json.content]: carried };
}

/** The message that a signature of a kind covers on a chain: see `constants.sign` in the schema. */
export function signBytes(kind: string, chainId: string, value: unknown, layout = constants.sign.kinds[kind]): Uint8Array {
  if (!layout) throw new Error(`nothing of kind ${kind} is signed`);
  const prefix = utf8(`${constants.sign.prefix}${kind}\0`);
  return concat(prefix, fromHex(chainId, 32), encodeWithout(layout.type, layout.without, value));
}
