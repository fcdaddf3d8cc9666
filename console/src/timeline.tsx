// A document's life as a picture: one column an event in the order of time, one lane each for title, pledge, custody and cargo.
// Columns are evenly spaced, because minutes and months stand side by side; the time stands above each.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { role } from "./parties.ts";
import type { ChainEntry, DocumentView, TimelineEntry } from "./rpc.ts";
import { current, t, word, type Key } from "./strings.ts";
import { Account, time } from "./ui.tsx";

/** Widths of a column: labels fit in the least, and more than the most looks lost. */
const COLUMN_MIN = 92;
const COLUMN_MAX = 150;
const LEFT = 66;
const LANE = 58;
const TOP = 34;

type Lane = "lane_title" | "lane_pledge" | "lane_custody" | "lane_cargo";

/** One thing that happened. */
export interface Mark {
  at: number;
  lane: Lane;
  label: string;
  /** Where, or to whom. */
  note: string;
  who: string | null;
  height: number;
  tone: "good" | "warn" | "bad" | "plain";
}

/** Who, as far as a label has room: the role, and the account's first digits where there is none. */
const short = (id: string | null) => (!id || /^0+$/.test(id) ? "" : role(id) || id.slice(0, 6));

/** Collects what happened from the endorsement chain and the goods' events. */
export function marks(chain: ChainEntry[], cargo: TimelineEntry[], doc: DocumentView): Mark[] {
  const found: Mark[] = chain.map((entry) => {
    const pledge = entry.action === "PLEDGE_ENDORSE" || entry.action === "PLEDGE_RELEASE";
    return {
      at: entry.time,
      lane: pledge ? "lane_pledge" : "lane_title",
      label: word("act", entry.action),
      note: entry.recipient ? `→ ${short(entry.recipient)}` : short(entry.actor),
      who: entry.recipient ?? entry.actor,
      height: entry.height,
      tone: entry.action === "PLEDGE_ENDORSE" ? "bad" : entry.action === "PLEDGE_RELEASE" ? "good" : "plain",
    };
  });
  const seen = new Set<string>();
  for (const { event } of cargo) {
    if (event.corrected_by || event.action === "DELETE" || seen.has(event.id)) continue;
    seen.add(event.id);
    const { step, node, custody } = event.report;
    const alarming = ["TEMP_ALARM", "DOOR_OPEN", "DEVIATION", "DAMAGED", "LOST"].includes(step);
    found.push({ at: event.report.at, lane: "lane_cargo", label: word("step", step), note: node.trim(), who: event.reporter, height: event.height, tone: alarming ? "bad" : "plain" });
    if (custody) found.push({ at: event.report.at, lane: "lane_custody", label: `→ ${short(custody.to)}`, note: node.trim(), who: custody.to, height: event.height, tone: "plain" });
  }
  if (doc.hold) found.push({ at: Number.MAX_SAFE_INTEGER, lane: "lane_title", label: word("hold", doc.hold.kind), note: "", who: null, height: 0, tone: "bad" });
  return found.sort((a, b) => a.at - b.at || a.height - b.height);
}

/** The picture, and the same as a table for whoever cannot see it. */
export function Timeline({ marks, keepers }: { marks: Mark[]; keepers: { custodian: string; place: string }[] }) {
  const lanes = (["lane_title", "lane_pledge", "lane_custody", "lane_cargo"] as Lane[]).filter((lane) => lane === "lane_title" || marks.some((m) => m.lane === lane) || (lane === "lane_custody" && keepers.length > 0));
  // Marks of one moment in different lanes share a column.
  const columns: Mark[][] = [];
  for (const mark of marks) {
    const last = columns.at(-1);
    if (last && last[0].at === mark.at && !last.some((m) => m.lane === mark.lane)) last.push(mark);
    else columns.push([mark]);
  }
  const box = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState(0);
  useLayoutEffect(() => {
    const measure = () => setRoom(box.current?.clientWidth ?? 0);
    measure();
    addEventListener("resize", measure);
    return () => removeEventListener("resize", measure);
  }, []);
  // Where it does not fit, the newest is what is looked for first.
  useEffect(() => box.current?.scrollTo({ left: width }), [room]);
  const count = Math.max(columns.length, 1);
  const column = Math.min(COLUMN_MAX, Math.max(COLUMN_MIN, (room - LEFT - 10) / count));
  const width = Math.max(room, LEFT + count * column + 10);
  const height = TOP + lanes.length * LANE + 6;
  const x = (at: number) => LEFT + at * column + column / 2;
  const y = (lane: Lane) => TOP + lanes.indexOf(lane) * LANE + 20;
  return (
    <>
      <div class="scroll timeline" ref={box} tabIndex={0} role="region" aria-label={t("history")}>
        <svg width={LEFT} height={height} class="lanes" aria-hidden="true">
          <rect width={LEFT} height={height} class="band" />
          {lanes.map((lane, at) => (
            <g key={lane}>
              <rect y={TOP + at * LANE - 4} width={LEFT} height={LANE} class={at % 2 ? "band odd" : "band"} />
              <text x="8" y={y(lane) + 4} class="lane">{t(lane as Key)}</text>
            </g>
          ))}
        </svg>
        <svg width={width - LEFT} height={height} viewBox={`${LEFT} 0 ${width - LEFT} ${height}`} role="img" aria-label={t("history_alt")}>
          {lanes.map((lane, at) => (
            <g key={lane}>
              <rect x={LEFT} y={TOP + at * LANE - 4} width={width - LEFT} height={LANE} class={at % 2 ? "band odd" : "band"} />
              <line x1={LEFT} x2={width - 8} y1={y(lane)} y2={y(lane)} class="rail" />
            </g>
          ))}
          <Spans columns={columns} x={x} y={y} right={width - 8} lanes={lanes} keepers={keepers} />
          {columns.map((column, at) => (
            <g key={at}>
              <line x1={x(at)} x2={x(at)} y1={TOP - 6} y2={height - 8} class="tick" />
              <text x={x(at)} y="12" class="when">{column[0].at < Number.MAX_SAFE_INTEGER ? time(column[0].at).slice(0, 10) : t("now")}</text>
              <text x={x(at)} y="24" class="when faint">{column[0].at < Number.MAX_SAFE_INTEGER ? time(column[0].at).slice(11, 16) : ""}</text>
              {column.map((mark) => (
                <g key={mark.lane} class={`mark ${mark.tone}`}>
                  <Sign mark={mark} x={x(at)} y={y(mark.lane)} />
                  <text x={x(at)} y={y(mark.lane) + 19} class="label">{clip(mark.label)}</text>
                  {mark.lane !== "lane_custody" && <text x={x(at)} y={y(mark.lane) + 31} class="note-text">{mark.note}</text>}
                </g>
              ))}
            </g>
          ))}
        </svg>
      </div>
      <details>
        <summary>{t("as_table")}</summary>
        <div class="scroll" tabIndex={0} role="region" aria-label={t("as_table")}>
          <table class="rows" id="history">
            <thead><tr><th>{t("time")}</th><th>{t("lane")}</th><th>{t("what")}</th><th>{t("who")}</th><th>{t("at_place")}</th><th class="num">{t("height")}</th></tr></thead>
            <tbody>
              {marks.filter((m) => m.height > 0).map((m, at) => (
                <tr key={at}>
                  <td class="mono">{time(m.at)}</td><td>{t(m.lane as Key)}</td><td>{m.label}</td><td><Account id={m.who} /></td>
                  <td>{m.lane === "lane_cargo" || m.lane === "lane_custody" ? m.note : ""}</td><td class="num"><a href={`#/block/${m.height}`}>{m.height}</a></td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </>
  );
}

/** What lasts: a live pledge as a bar from its beginning to its release, the present custody to the right edge. */
function Spans({ columns, x, y, right, lanes, keepers }: { columns: Mark[][]; x(c: number): number; y(l: Lane): number; right: number; lanes: Lane[]; keepers: { custodian: string; place: string }[] }) {
  const bars: [number, number][] = [];
  let open: number | null = null;
  columns.forEach((column, at) => {
    const mark = column.find((m) => m.lane === "lane_pledge");
    if (mark?.tone === "bad") open ??= x(at);
    if (mark?.tone === "good" && open !== null) {
      bars.push([open, x(at)]);
      open = null;
    }
  });
  if (open !== null) bars.push([open, right]);
  const handed = columns.findLastIndex((column) => column.some((m) => m.lane === "lane_custody"));
  const first = keepers[0];
  return (
    <>
      {bars.map(([from, to]) => <rect x={from} y={y("lane_pledge") - 4} width={to - from} height="8" class="pledged" key={from} />)}
      {lanes.includes("lane_custody") && first && handed < 0 && (
        <g>
          <rect x={LEFT} y={y("lane_custody") - 4} width={right - LEFT} height="8" class="kept" />
          <text x={LEFT + 6} y={y("lane_custody") + 20} class="note-text start">{short(first.custodian)} · {first.place}</text>
        </g>
      )}
      {handed >= 0 && <rect x={x(handed)} y={y("lane_custody") - 4} width={right - x(handed)} height="8" class="kept" />}
    </>
  );
}

/** Title acts are squares, goods are circles, hand-overs are diamonds: the shape tells the lane without colour. */
function Sign({ mark, x, y }: { mark: Mark; x: number; y: number }) {
  if (mark.lane === "lane_cargo") return <circle cx={x} cy={y} r="6" />;
  if (mark.lane === "lane_custody") return <rect x={x - 5} y={y - 5} width="10" height="10" transform={`rotate(45 ${x} ${y})`} />;
  return <rect x={x - 6} y={y - 6} width="12" height="12" rx={mark.lane === "lane_pledge" ? 6 : 1} />;
}

/** Labels must not run into each other. */
function clip(text: string): string {
  const room = current() === "zh" && /[\u4e00-\u9fff]/.test(text) ? 7 : 15;
  return text.length > room ? `${text.slice(0, room - 1)}…` : text;
}
