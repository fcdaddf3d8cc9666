/** The schema that the Rust types wrote; its format is described in `clients/README.md`. */
import file from "../../schema.json";

export type TypeRef =
  | string
  | { hex: number }
  | { ascii: number }
  | { option: TypeRef }
  | { seq: TypeRef }
  | { array: [TypeRef, number] }
  | { tuple: TypeRef[] }
  | { map: [TypeRef, TypeRef] };

export type EnumDefinition = { enum: [number, string, TypeRef | null][]; tag_bytes: number; json: { tag?: string; content?: string } };
export type Definition = { struct: [string, TypeRef][] } | { is: TypeRef } | EnumDefinition;

type Layout = { type: TypeRef; without: string[] };

export type Constants = {
  suite: string;
  versions: { transaction: number; header: number; certificate: number; history: number };
  sign: { prefix: string; kinds: Record<string, Layout> };
  hash: { prefix: string; domains: Record<string, Layout> };
  derived_id_prefix: string;
  tree: { empty: string; leaf: string; inner: string; siblings_max: number };
  families: [string, number, number][];
  bounds: Record<"transaction_bytes" | "operations" | "consents" | "certificate_bytes" | "goods_keys" | "members", number>;
  parameters: Record<string, number>;
  roles: [number, string][];
  kinds: [number, string][];
  codes: [number, string, string][];
  terminal_doc_states: string[];
  hold_gravity: Record<string, number>;
};

const schema = file as { types: Record<string, Definition>; constants: Constants };

export const types = schema.types;
export const constants = schema.constants;
