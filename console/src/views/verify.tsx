// Certificates are verified here, in the browser: dropped as a file, or asked of the node and then not taken on its word.

import { useMemo, useState } from "preact/hooks";
import { call } from "../rpc.ts";
import { t, word } from "../strings.ts";
import { Account, Badge, Card, Drop, Id, memberName, number, problem, saveFile, Shown, time, useLoad } from "../ui.tsx";
import { check, checkAnswer, chainOf, nodeGenesis, NotACertificate, type Asked, type Certificate, type Checked } from "../verifier.ts";

const AGES = [1, 24, 168];

export function Verify() {
  const [text, setText] = useState<string | null>(null);
  const [name, setName] = useState("");
  const [hours, setHours] = useState(24);
  const [own, setOwn] = useState<string | null>(null);
  const [bad, setBad] = useState(false);
  const genesis = useLoad(nodeGenesis, []);
  const trusted = own ?? genesis.value;
  const loadGenesis = (content: string) => {
    try {
      chainOf(content);
      setOwn(content);
      setBad(false);
    } catch {
      setBad(true);
    }
  };
  return (
    <>
      <div class="page-head"><h1>{t("verify_title")}</h1></div>
      <Card class="wide">
        <p class="lead">{t("verify_intro")}</p>
        <Drop label={text ? `${t("drop_another")} · ${t("drop")}` : t("drop")} onText={(content, file) => (setText(content), setName(file))} />
        <div class="form inline">
          <label>{t("max_age")}
            <select value={hours} onChange={(e) => setHours(Number(e.currentTarget.value))}>
              {AGES.map((n) => <option value={n} key={n}>{n < 48 ? t("hours", { n }) : t("days", { n: n / 24 })}</option>)}
              <option value={0}>{t("any_age")}</option>
            </select>
          </label>
        </div>
        {text !== null && trusted && <Result text={text} name={name} genesis={trusted} hours={hours} />}
      </Card>
      <Card title={t("trust")} class="wide">
        <Shown of={genesis}>{(served) => <p>{t(own ? "trust_file" : "trust_node", { c: chainOf(own ?? served).slice(0, 16) })}…</p>}</Shown>
        <p class="foot">{t("trust_why")}</p>
        <Drop label={t("trust_load")} onText={loadGenesis} />
        {bad && <p class="note bad" role="alert">{t("trust_bad")}</p>}
      </Card>
    </>
  );
}

function Result({ text, name, genesis, hours }: { text: string; name: string; genesis: string; hours: number }) {
  const outcome = useMemo(() => {
    try {
      return { checked: check(text, genesis, hours * 3_600_000) };
    } catch (error) {
      return { error };
    }
  }, [text, genesis, hours]);
  if (outcome.error) return <p class="note bad" role="alert">{outcome.error instanceof NotACertificate ? t("not_certificate") : problem(outcome.error)}</p>;
  return <Lines checked={outcome.checked!} file={name} />;
}

/** Asks the node for a certificate and verifies it here. */
export function Verified({ question }: { question: Asked["question"] }) {
  const found = useLoad(async () => {
    const [certificate, genesis] = await Promise.all([call<Partial<Certificate> | null>("certificate", { question }), nodeGenesis()]);
    const text = JSON.stringify(certificate);
    return { text, certificate, checked: checkAnswer(text, genesis, { question }) };
  }, []);
  return (
    <Card title={t("verify_title")}>
      <Shown of={found}>{({ text, certificate, checked }) => (
        <>
          <Lines checked={checked} />
          <p><button type="button" class="button" onClick={() => saveFile(`landsea-${certificate?.height ?? 0}.json`, text)}>{t("save")}</button></p>
        </>
      )}</Shown>
    </Card>
  );
}

/** What a verdict adds to its word. */
export function detail(status: Checked["status"]): string {
  switch (status.verdict) {
    case "RESERVED":
      return t("reserved_text", { t: time(status.until), m: memberName(status.member) });
    case "ENCUMBERED":
      return t("encumbered_text", { h: number(status.since!), i: status.index!, m: memberName(status.member) });
    case "HELD":
      return word("hold", status.kind);
    case "UNKNOWN":
      return t("unknown_text");
    case "STALE":
      return `${Math.round(status.age_ms! / 60_000)} min > ${Math.round(status.max_age_ms! / 60_000)} min`;
    case "LEVEL":
      return t("proof_level", { n: status.level! });
    default:
      return "";
  }
}

/** The three lines. */
export function Lines({ checked: { integrity, status, issuer, doc, earlier }, file }: { checked: Checked; file?: string }) {
  const valid = integrity.integrity === "VALID";
  return (
    <div class={`lines ${valid ? "" : "broken"}`} role="status" data-verdict={status.verdict}>
      {file && <p class="under">{file}</p>}
      <dl>
        <div>
          <dt>{t("integrity")}</dt>
          <dd><Badge name={integrity.integrity} group="verdict" /> {valid ? t("integrity_text", { s: integrity.signers!, n: integrity.validators!, h: number(integrity.height!), t: time(integrity.time) }) : <span class="mono">{integrity.reason}</span>}</dd>
        </div>
        <div>
          <dt>{t("status")}</dt>
          <dd><Badge name={status.state ?? status.verdict} group="verdict" large /> {detail(status)}</dd>
        </div>
        <div>
          <dt>{t("issuer_line")}</dt>
          <dd>{issuer ? <><Account id={issuer.issuer} /> {t("issuer_text", { m: memberName(issuer.home) })}</> : t("issuer_none")}</dd>
        </div>
        {earlier && (
          <div>
            <dt>{t("earlier_line")}</dt>
            <dd><Badge name={earlier.verdict} group="verdict" /> {t("earlier_text", { h: number(earlier.height), t: time(earlier.time) })} · {word("change", earlier.change)}</dd>
          </div>
        )}
      </dl>
      {doc && <p class="foot"><a href={`#/doc/${doc}`}>{t("open_document")}</a> <Id value={doc} /></p>}
    </div>
  );
}
