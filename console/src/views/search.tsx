// Search by what stands on a document. The fields are normalised and hashed here; the node gets the raw hash and nothing else.

import { useMemo, useState } from "preact/hooks";
import { identityFields, identify, KINDS, type Identity } from "../identity.ts";
import { network } from "../network.ts";
import { call, callEach, type DocumentView, type PledgeView, type Transaction } from "../rpc.ts";
import { session } from "../session.ts";
import { current, t, word, type Key } from "../strings.ts";
import { Badge, Card, Id, kindName, problem, Shown, time, useLoad } from "../ui.tsx";

interface Derived {
  ticket: { body: { fp1: string } };
}

/** Has the branch key a raw fingerprint, and looks the document up. */
async function lookUp(identity: Identity): Promise<{ fp1: string; doc: string | null }> {
  const derived = await call<Derived>("fingerprint_derive", identity.request!);
  const { fp1 } = derived.ticket.body;
  const found = await call<DocumentView | null>("document", { fingerprint: fp1 });
  return { fp1, doc: found?.public.id ?? null };
}

export function Search() {
  return (
    <>
      <div class="page-head"><h1>{t("search")}</h1></div>
      <div class="columns">
        <ByFields />
        <div class="stack">
          <ById />
          {session() && <Own />}
        </div>
      </div>
    </>
  );
}

function ByFields() {
  const [kind, setKind] = useState("NCD");
  const [values, setValues] = useState<Record<string, string>>({});
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const [unknown, setUnknown] = useState<string | null>(null);
  const fields = identityFields(kind);
  const identity = useMemo(() => identify(kind, values), [kind, values, current()]);
  const who = session();
  const submit = async (e: Event) => {
    e.preventDefault();
    setTried(true);
    setUnknown(null);
    setError("");
    if (!identity.request) return;
    setBusy(true);
    try {
      const { fp1, doc } = await lookUp(identity);
      if (doc) location.hash = `#/doc/${doc}`;
      else setUnknown(fp1);
    } catch (reason) {
      setError(problem(reason));
    }
    setBusy(false);
  };
  return (
    <Card title={t("search_title")}>
      <p class="lead">{t("search_intro")}</p>
      {!who && <p class="note">{t("search_sign_in")} <a href="#/sign-in">{t("sign_in")}</a></p>}
      {who && who.home !== network.member && <p class="note warn">{t("other_home")}</p>}
      <form class="form" onSubmit={submit} noValidate>
        <label>{t("kind")}
          <select id="field-kind" value={kind} onChange={(e) => setKind(e.currentTarget.value)}>
            {KINDS.map((name) => <option value={name} key={name}>{word("kind", name)} · {name}</option>)}
          </select>
        </label>
        {fields.map(({ name, hint }) => {
          const part = identity.parts[name];
          const said = tried || values[name];
          return (
            <label key={name}>{t(`field_${name}` as Key)}
              <input
                id={`field-${name}`} value={values[name] ?? ""} spellcheck={false} autocomplete="off" placeholder={t(hint as Key)} aria-invalid={!!(said && part.error)} aria-describedby={`says-${name}`}
                onInput={(e) => {
                  const { value } = e.currentTarget;
                  setValues((old) => ({ ...old, [name]: value }));
                }}
              />
              <small id={`says-${name}`} class={said && part.error ? "bad-text" : ""}>
                {part.text ? <>{t("normalised")} <code>{part.text}</code></> : said ? (values[name] ? part.error : t("missing")) : " "}
              </small>
            </label>
          );
        })}
        <div class="raw"><span>{t("raw_hash")}</span><code id="raw-hash">{identity.request?.fp1 ?? "—"}</code></div>
        <button class="button primary" disabled={busy || !who} id="find">{t(busy ? "finding" : "find")}</button>
      </form>
      {error && <p class="note bad" role="alert">{error}</p>}
      {unknown && (
        <div class="note warn" role="alert" id="unknown">
          <b>{t("unknown_title")}</b> {t("unknown_text")} <a href={`#/certificate/${unknown}`}>{t("unknown_certificate")}</a>
        </div>
      )}
    </Card>
  );
}

function ById() {
  const [value, setValue] = useState("");
  const [error, setError] = useState("");
  const go = async (e: Event) => {
    e.preventDefault();
    setError("");
    const text = value.trim().toLowerCase();
    if (/^\d{1,15}$/.test(text)) return void (location.hash = `#/block/${text}`);
    if (!/^[0-9a-f]{64}$/.test(text)) return setError(t("by_id_bad"));
    try {
      const [byId, byPrint, tx] = await Promise.all([
        call<DocumentView | null>("document", { doc: text }),
        call<DocumentView | null>("document", { fingerprint: text }),
        call<Transaction | null>("transaction", { id: text }),
      ]);
      const doc = byId ?? byPrint;
      if (doc) location.hash = `#/doc/${doc.public.id}`;
      else if (tx) location.hash = `#/tx/${text}`;
      else setError(t("not_found"));
    } catch (reason) {
      setError(problem(reason));
    }
  };
  return (
    <Card title={t("by_id")}>
      <form class="form" onSubmit={go}>
        <label>{t("by_id_label")}
          <input id="by-id" value={value} onInput={(e) => setValue(e.currentTarget.value)} spellcheck={false} autocomplete="off" placeholder={t("by_id_hint")} />
        </label>
        <button class="button">{t("find")}</button>
      </form>
      {error && <p class="note warn" role="alert">{error}</p>}
    </Card>
  );
}

/** What the signed-in party holds. */
function Own() {
  const who = session()!;
  const held = useLoad(() => call<string[]>("documents_by_holder", { holder: who.account, limit: 20 }), []);
  const bank = who.roles.includes("BANK");
  const pledges = useLoad(async () => (bank ? call<string[]>("pledges_by_party", { bank: who.account, limit: 20 }) : []), []);
  return (
    <>
      <Card title={t("my_documents")}>
        <Shown of={held}>{(ids) => ids.length === 0 ? <p class="muted">{t("none")}</p> : <Documents ids={ids} />}</Shown>
      </Card>
      {bank && <Card title={t("my_pledges")}><Shown of={pledges}>{(ids) => ids.length === 0 ? <p class="muted">{t("none")}</p> : <Pledges ids={ids} />}</Shown></Card>}
    </>
  );
}

function Documents({ ids }: { ids: string[] }) {
  const found = useLoad(() => callEach<DocumentView>("document", ids.map((doc) => ({ doc }))), []);
  return (
    <Shown of={found}>{(list) => (
      <ul class="plain-list">
        {list.map((doc) => doc && <li key={doc.public.id}><Badge name={doc.status} group="verdict" /> {word("kind", kindName(doc.public.kind))} <Id value={doc.public.id} href={`#/doc/${doc.public.id}`} /></li>)}
      </ul>
    )}</Shown>
  );
}

function Pledges({ ids }: { ids: string[] }) {
  const found = useLoad(() => callEach<PledgeView>("pledge", ids.map((pledge) => ({ pledge }))), []);
  return (
    <Shown of={found}>{(list) => (
      <ul class="plain-list">
        {list.map((pledge) => pledge && <li key={pledge.id}><Badge name={pledge.state} /> {pledge.record?.docs.map((id) => <Id value={id} href={`#/doc/${id}`} key={id} />)} <span class="muted">{t("reg_until")} {time(pledge.record?.reg_until).slice(0, 10)}</span></li>)}
      </ul>
    )}</Shown>
  );
}
