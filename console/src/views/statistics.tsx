// Counts by member over the last heights, as charts.

import { useState } from "preact/hooks";
import { network } from "../network.ts";
import { call, type Status } from "../rpc.ts";
import { t, word } from "../strings.ts";
import { Card, memberName, number, Shown, useLoad } from "../ui.tsx";

interface Counts {
  from: number;
  to: number;
  members: { member: number; proposed: number; signed: number; events: Record<string, number> }[];
  codes: [number, number][];
  /** Transactions in equal parts of the range. */
  pace: number[];
}

const RANGES = [200, 1000, 5000];

export function Statistics() {
  const [range, setRange] = useState(RANGES[1]);
  const found = useLoad(async () => {
    const { height } = await call<Status>("status");
    return call<Counts>("statistics", { from: Math.max(1, height - range + 1), to: height });
  }, [range]);
  return (
    <>
      <div class="page-head">
        <h1>{t("stats_title")}</h1>
        <div class="actions segmented" role="group" aria-label={t("stats_pick")}>
          {RANGES.map((n) => <button type="button" key={n} aria-pressed={n === range} onClick={() => setRange(n)}>{t("stats_blocks", { n: number(n) })}</button>)}
        </div>
      </div>
      <Shown of={found}>{(counts) => <Charts counts={counts} />}</Shown>
    </>
  );
}

function Charts({ counts }: { counts: Counts }) {
  const blocks = Math.max(1, counts.to - counts.from + 1);
  const events = (names: string[]) => counts.members.map((m) => names.map((name) => m.events[name] ?? 0));
  return (
    <>
      <p class="foot top">{t("stats_range", { n: number(blocks), a: number(counts.from), b: number(counts.to) })} · {t("stats_masked")}</p>
      <div class="charts">
        <Bars title={t("stats_issued")} values={events(["DocIssued", "Accomplished"])} names={[t("documents_registered"), t("documents_ended")]} />
        <Bars title={t("stats_pledges")} values={events(["PledgeActive", "Reserved", "PledgeReleased"])} names={[t("pledges_made"), t("reservations_made"), t("releases_made")]} />
        <Bars title={t("stats_alerts")} values={events(["DoublePledgeAttempt", "DuplicateGoods", "DuplicateDocument"])} names={["DoublePledgeAttempt", "DuplicateGoods", "DuplicateDocument"].map((name) => word("event", name))} tones={["c4", "c5", "c6"]} />
        <Bars title={t("stats_proposed")} values={counts.members.map((m) => [m.proposed])} names={[t("blocks")]} />
        <Bars title={t("stats_signed")} values={counts.members.map((m) => [Math.round((100 * m.signed) / blocks)])} names={["%"]} unit="%" full={100} foot={t("stats_quorum")} />
        <Codes codes={counts.codes} />
      </div>
      <Card title={t("transactions")}><Pace counts={counts} /></Card>
    </>
  );
}

/** One horizontal bar a member; several values stand one after the other. */
function Bars({ title, values, names, tones = ["c1", "c2", "c3"], unit = "", full, foot }: { title: string; values: number[][]; names: string[]; tones?: string[]; unit?: string; full?: number; foot?: string }) {
  const most = full ?? Math.max(1, ...values.map((row) => row.reduce((a, b) => a + b, 0)));
  const total = values.flat().reduce((a, b) => a + b, 0);
  return (
    <Card title={title}>
      {names.length > 1 && <p class="legend">{names.map((name, at) => <span key={name}><i class={tones[at]} />{name}</span>)}</p>}
      {total === 0 ? <p class="muted pad">{t("stats_none")}</p> : (
        <table class="bars">
          <tbody>
            {network.members.map((member, at) => {
              const row = values[at] ?? [];
              const sum = row.reduce((a, b) => a + b, 0);
              let from = 0;
              return (
                <tr key={member.code}>
                  <th scope="row" title={memberName(member.index)}>{member.code.toUpperCase()}<span class="sr"> {memberName(member.index)}</span></th>
                  <td>
                    <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                      {row.map((value, part) => {
                        const width = (100 * value) / most;
                        const bar = <rect x={from} y="1" width={width} height="8" class={tones[part]} key={part} />;
                        from += width;
                        return bar;
                      })}
                    </svg>
                  </td>
                  <td class="num" title={names.map((name, part) => `${name} ${row[part] ?? 0}`).join(" · ")}>{number(sum)}{unit}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
      {foot && <p class="foot">{foot}</p>}
    </Card>
  );
}

function Codes({ codes }: { codes: [number, number][] }) {
  const most = Math.max(1, ...codes.map(([, n]) => n));
  return (
    <Card title={t("stats_codes")}>
      {codes.length === 0 ? <p class="muted pad">{t("stats_none")}</p> : (
        <table class="bars wide">
          <tbody>
            {codes.map(([code, n]) => (
              <tr key={code}>
                <th scope="row">{code === 0 ? "" : `${code} `}{word("code", code)}</th>
                <td><svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect y="1" width={(100 * n) / most} height="8" class={code === 0 ? "c3" : "c4"} /></svg></td>
                <td class="num">{number(n)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
}

function Pace({ counts: { pace, from, to } }: { counts: Counts }) {
  const most = Math.max(1, ...pace);
  const each = 100 / Math.max(1, pace.length);
  return (
    <figure class="pace">
      <svg viewBox="0 0 100 24" preserveAspectRatio="none" role="img" aria-label={`${t("transactions")}: ${pace.join(", ")}`}>
        {pace.map((n, at) => <rect x={at * each + each * 0.1} width={each * 0.8} y={24 - (23 * n) / most} height={(23 * n) / most} class="c1" key={at} />)}
      </svg>
      <figcaption><span>{number(from)}</span><span>{t("stats_peak", { n: number(most) })}</span><span>{number(to)}</span></figcaption>
    </figure>
  );
}
