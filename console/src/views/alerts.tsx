// Refused attempts, clues and evidence: for branches.

import { useState } from "preact/hooks";
import { call, RpcError, type Attempt } from "../rpc.ts";
import { isBranch } from "../session.ts";
import { t } from "../strings.ts";
import { Account, Card, Id, memberName, number, problem, shortName, Shown, time, useLoad } from "../ui.tsx";
import { Code } from "./overview.tsx";

const PAGE = 50;

interface Clue {
  id: string;
  kind: string;
  from: number;
  to: number[];
  state: string;
  due: number;
}

export function Alerts() {
  return (
    <>
      <div class="page-head"><h1>{t("alerts")}</h1></div>
      <Attempts />
      {isBranch() && <div class="columns"><Clues /><Evidence /></div>}
    </>
  );
}

function Attempts() {
  const [pages, setPages] = useState<Attempt[]>([]);
  const [end, setEnd] = useState(false);
  const found = useLoad(() => call<{ total: number; entries: Attempt[] }>("attempts", { limit: PAGE }), []);
  const entries = [...(found.value?.entries ?? []), ...pages];
  const more = async () => {
    const next = await call<{ entries: Attempt[] }>("attempts", { after: entries.at(-1)!.n, limit: PAGE });
    setPages((old) => [...old, ...next.entries]);
    setEnd(next.entries.length < PAGE);
  };
  return (
    <Card title={t("attempts")} aside={found.value && t("attempts_total", { n: number(found.value.total) })}>
      <Shown of={found}>{(first) => !isBranch() ? <p class="note">{t("branches_only")} <a href="#/sign-in">{t("sign_in")}</a></p> : first.entries.length === 0 ? <p class="muted pad">{t("attempts_none")}</p> : (
        <>
          <p class="foot top">{t("attempts_concern")}</p>
          <div class="scroll" tabIndex={0} role="region" aria-label={t("attempts")}>
            <table class="rows" id="attempts">
              <thead><tr><th class="num">#</th><th>{t("time")}</th><th>{t("result")}</th><th>{t("attempt_by")}</th><th>{t("attempt_target")}</th><th>{t("attempt_consented")}</th><th>{t("attempt_homes")}</th></tr></thead>
              <tbody>
                {entries.map((a) => (
                  <tr key={a.n}>
                    <td class="num">{a.n}</td>
                    <td class="mono"><a href={`#/block/${a.height}`}>{time(a.time)}</a></td>
                    <td><Code code={a.code} /></td>
                    <td><Account id={a.by} /></td>
                    <td><Id value={a.target} href={a.code === 5001 ? `#/doc/${a.target}` : undefined} /></td>
                    <td>{a.consented ? t("yes") : t("no")}</td>
                    <td>{shortName(a.existing_home)} / {shortName(a.attempt_home)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {!end && first.entries.length === PAGE && <p><button type="button" class="button" onClick={more}>{t("more")}</button></p>}
        </>
      )}</Shown>
    </Card>
  );
}

function Clues() {
  const found = useLoad(() => call<{ clues: Clue[] } | Clue[]>("clues", { limit: PAGE }), []);
  const clues = Array.isArray(found.value) ? found.value : found.value?.clues ?? [];
  const unsupported = found.error instanceof RpcError && found.error.isUnsupported;
  return (
    <Card title={t("clues")}>
      {found.error ? <p class={unsupported ? "muted pad" : "note bad"}>{unsupported ? t("clues_unsupported") : problem(found.error)}</p> : clues.length === 0 ? <p class="muted pad">{t(found.loading ? "loading" : "clues_none")}</p> : (
        <table class="rows">
          <thead><tr><th>{t("clues")}</th><th>{t("state")}</th><th>{t("attempt_homes")}</th><th>{t("valid_until")}</th></tr></thead>
          <tbody>{clues.map((clue) => <tr key={clue.id}><td>{clue.kind} <Id value={clue.id} /></td><td>{clue.state}</td><td>{memberName(clue.from)} → {clue.to.map(memberName).join("、")}</td><td class="mono">{time(clue.due)}</td></tr>)}</tbody>
        </table>
      )}
    </Card>
  );
}

function Evidence() {
  const found = useLoad(() => call<unknown[]>("evidence"), []);
  return (
    <Card title={t("evidence")}>
      <Shown of={found}>{(list) => list.length === 0 ? <p class="muted pad">{t("evidence_none")}</p> : <p class="note bad">{t("evidence_some", { n: list.length })}</p>}</Shown>
    </Card>
  );
}
