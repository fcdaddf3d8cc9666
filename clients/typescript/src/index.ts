export { decode, encode, FormatError, signBytes } from "./borsh.js";
export { fromHex, parseJson, toHex, toJson } from "./bytes.js";
export { hashOf } from "./crypto.js";
export * as schema from "./schema.js";
export * from "./verify.js";
