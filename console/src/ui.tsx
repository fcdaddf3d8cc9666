// Small parts that every view uses.

import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { network } from "./network.ts";
import { useParty } from "./parties.ts";
import { RpcError } from "./rpc.ts";
import { session } from "./session.ts";
import { current, knows, t, word, type Key } from "./strings.ts";

/** The largest number stands for "no end". */
const NO_END = 2 ** 63;

/** A time in the reader's zone, to the second. */
export function time(ms: number | null | undefined): string {
  if (ms == null) return "—";
  if (ms >= NO_END) return t("no_end");
  const d = new Date(ms);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())} ${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
}

/** The time of day alone. */
export const clock = (ms: number) => time(ms).slice(11);

/** How long ago, in words. */
export function ago(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 100) return t("ago_s", { n: s });
  return s < 6000 ? t("ago_m", { n: Math.round(s / 60) }) : t("ago_h", { n: Math.round(s / 3600) });
}

/** A number with separators of thousands. */
export const number = (n: number) => n.toLocaleString(current() === "zh" ? "zh-CN" : "en-GB");

/** A quantity in thousandths of a unit. */
export const quantity = (thousandths: number, unit: string) => `${number(thousandths / 1000)} ${unit}`;

/** A member's name and code. */
export function memberName(index: number | null | undefined): string {
  const member = network.members.find((m) => m.index === index);
  if (!member) return index == null ? "—" : `#${index}`;
  return current() === "zh" ? member.name_zh : member.name_en;
}

/** A member's name without its administrative form, to fit a tile or a table. */
export function shortName(index: number | null | undefined): string {
  const member = network.members.find((m) => m.index === index);
  if (!member) return memberName(index);
  if (current() === "en") return member.name_en.replace(/ \(.*\)$/, "").replace(/( Zhuang| Hui| Uygur)? (Autonomous Region|Municipality|Province|City)$/, "");
  return member.name_zh.replace(/^(广东|湖南)省/, "").replace(/(壮族|回族|维吾尔)?自治区$|省$|市$/, "");
}

const KINDS: Record<number, string> = { 1: "LEG_NOTE_CN", 2: "LEG_NOTE_SMGS", 3: "LEG_NOTE_CIM", 4: "HOUSE_BILL", 10: "MTD", 11: "NCD", 12: "RAIL_BL", 13: "OBL", 20: "WHR" };

/** The name of a document kind's number. */
export const kindName = (kind: number) => KINDS[kind] ?? String(kind);

/** The tone of a verdict or state: what it means for somebody who would lend. */
export function tone(name: string): "good" | "warn" | "bad" | "plain" {
  if (["FREE", "VALID", "ACTIVE", "MATCHED", "UNOCCUPIED", "NOT_ENCUMBERED"].includes(name)) return "good";
  if (["RESERVED", "STALE", "PEND_DELIVERY", "PEND_AMEND", "SALE_PENDING", "QUEUED", "DEGRADED", "UNKNOWN"].includes(name)) return "warn";
  if (["ENCUMBERED", "HELD", "INVALID", "CONTRADICTED", "EFFECTIVE", "NO_GOODS"].includes(name)) return "bad";
  return "plain";
}

/** A verdict or state: the ledger's word, with its translation where the reader's language has another. */
export function Badge({ name, large, group = "state" }: { name: string; large?: boolean; group?: "state" | "verdict" }) {
  const text = word(knows("verdict", name) && group === "verdict" ? "verdict" : knows("state", name) ? "state" : "verdict", name);
  return (
    <span class={`badge ${tone(name)}${large ? " large" : ""}`}>
      {text}
      {text !== name && <small>{name}</small>}
    </span>
  );
}

/** An id: short to read, whole to copy. Ids link to their page where there is one. */
export function Id({ value, href, whole }: { value: string | null | undefined; href?: string; whole?: boolean }) {
  const [copied, setCopied] = useState(false);
  if (!value) return <span class="muted">—</span>;
  if (/^0+$/.test(value)) return <span class="muted">{t("masked")}</span>;
  const shown = whole ? value : `${value.slice(0, 8)}…${value.slice(-4)}`;
  const copy = () =>
    navigator.clipboard?.writeText(value).then(() => {
      setCopied(true);
      setTimeout(() => setCopied(false), 1200);
    });
  return (
    <span class="id">
      {href ? <a href={href} title={value}>{shown}</a> : <span title={value}>{shown}</span>}
      <button type="button" class="copy" onClick={copy} aria-label={`${t("copy")} ${value.slice(0, 8)}`} title={copied ? t("copied") : t("copy")}>
        <svg viewBox="0 0 12 12" aria-hidden="true">{copied ? <path d="M2 6.5 5 9.5 10.5 3" /> : <path d="M4 4h6.5v6.5H4zM8 4V1.5H1.5V8H4" />}</svg>
      </button>
    </span>
  );
}

/** An account, marked when it is the reader's own or hidden from it. */
export function Account({ id }: { id: string | null | undefined }) {
  const own = id && session()?.account === id;
  const party = useParty(id);
  return (
    <span class="account">
      {party && <span>{party.roles.map((name) => word("short", name)).join("、")} · {shortName(party.home)}</span>}
      <Id value={id} />
      {own && <span class="tag">{t("you")}</span>}
    </span>
  );
}

export function Card({ title, aside, children, class: extra = "" }: { title?: ComponentChildren; aside?: ComponentChildren; children: ComponentChildren; class?: string }) {
  return (
    <section class={`card ${extra}`}>
      {title && (
        <div class="card-head">
          <h2>{title}</h2>
          {aside && <div class="aside">{aside}</div>}
        </div>
      )}
      {children}
    </section>
  );
}

/** Terms and what they are. */
export function Facts({ rows }: { rows: [string, ComponentChildren][] }) {
  return (
    <dl class="facts">
      {rows.map(([term, is]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{is}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What went wrong, in a plain sentence. */
export function problem(error: unknown): string {
  if (!(error instanceof RpcError)) return String(error instanceof Error ? error.message : error);
  if (error.isUnreachable) return t("unreachable");
  if (error.isUnsupported) return t("unsupported");
  if (error.code === -32001) return t(session() ? "refused_token" : "needs_sign_in");
  const said: Record<number, Key> = { [-32002]: "not_yours", [-32003]: "busy", [-32005]: "pruned", 1012: "not_found" };
  if (current() === "zh" && said[error.code]) return t(said[error.code]);
  return error.message;
}

export interface Loaded<T> {
  value?: T;
  error?: unknown;
  loading: boolean;
  again(): void;
}

/** Loads something when the view opens and whenever `on` changes; an answer that comes too late is dropped. */
export function useLoad<T>(load: () => Promise<T>, on: unknown[]): Loaded<T> {
  const [state, set] = useState<{ value?: T; error?: unknown; loading: boolean }>({ loading: true });
  const turn = useRef(0);
  const again = useCallback(() => {
    const mine = ++turn.current;
    set((old) => ({ ...old, loading: true }));
    load().then(
      (value) => mine === turn.current && set({ value, loading: false }),
      (error) => mine === turn.current && set({ error, loading: false }),
    );
  }, on);
  useEffect(() => {
    set({ loading: true });
    again();
    return () => void turn.current++;
  }, [again]);
  return { ...state, again };
}

/** Shows what was loaded, or that it is not there yet, or why not. */
export function Shown<T>({ of, children }: { of: Loaded<T>; children: (value: T) => ComponentChildren }) {
  if (of.error) return <p class="note bad" role="alert">{problem(of.error)}</p>;
  if (of.value === undefined) return <p class="muted pad">{t("loading")}</p>;
  return <>{children(of.value)}</>;
}

/** A file by drop or by choice. */
export function Drop({ label, onText }: { label: string; onText(text: string, name: string): void }) {
  const [over, setOver] = useState(false);
  const take = async (files: FileList | null | undefined) => {
    const file = files?.[0];
    if (file) onText(await file.text(), file.name);
  };
  return (
    <label
      class={`drop${over ? " over" : ""}`}
      onDragOver={(e) => (e.preventDefault(), setOver(true))}
      onDragLeave={() => setOver(false)}
      onDrop={(e) => {
        e.preventDefault();
        setOver(false);
        void take(e.dataTransfer?.files);
      }}
    >
      <span>
        {label} <u>{t("choose_file")}</u>
      </span>
      <input
        type="file"
        onChange={(e) => {
          const input = e.currentTarget;
          void take(input.files).finally(() => (input.value = ""));
        }}
      />
    </label>
  );
}

/** Hands the reader a file. */
export function saveFile(name: string, text: string) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
