// The page: its frame, and which view stands in it.

import { Component, render, type ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { load, network } from "./network.ts";
import { call, type Status } from "./rpc.ts";
import { end, onChange, session } from "./session.ts";
import { current, t, use, word, type Key } from "./strings.ts";
import { memberName, problem } from "./ui.tsx";
import { Alerts } from "./views/alerts.tsx";
import { BlockPage, TransactionPage } from "./views/block.tsx";
import { Certificate } from "./views/certificate.tsx";
import { DocumentPage } from "./views/document.tsx";
import { Overview } from "./views/overview.tsx";
import { Search } from "./views/search.tsx";
import { SignIn } from "./views/signin.tsx";
import { Statistics } from "./views/statistics.tsx";
import { Verify } from "./views/verify.tsx";

const NAV: [string, Key][] = [["", "overview"], ["find", "search"], ["verify", "verify"], ["statistics", "statistics"], ["alerts", "alerts"]];

/** The entry of the navigation under which a view stands. */
const SECTION: Record<string, string> = { doc: "find", certificate: "find", tx: "", block: "" };

/** The parts of the address after `#/`; no part of a view's address needs escapes, so none is undone. */
const route = () => location.hash.replace(/^#\/?/, "").split("/");

function view([name, first, second, third]: string[], status: Status): { key: Key; body: ComponentChildren } {
  switch (name) {
    case "find":
      return { key: "search", body: <Search /> };
    case "doc":
      return { key: "document", body: <DocumentPage id={first} /> };
    case "certificate":
      return { key: "cert_title", body: <Certificate fp1={first} height={second ? Number(second) : undefined} block={third} /> };
    case "verify":
      return { key: "verify", body: <Verify /> };
    case "statistics":
      return { key: "statistics", body: <Statistics /> };
    case "alerts":
      return { key: "alerts", body: <Alerts /> };
    case "sign-in":
      return { key: "sign_in", body: <SignIn /> };
    case "block":
      return { key: "block", body: <BlockPage height={Number(first)} /> };
    case "tx":
      return { key: "transaction", body: <TransactionPage id={first} /> };
    default:
      return { key: "overview", body: <Overview status={status} /> };
  }
}

/** Keeps a defect in one view from taking the page away. */
class Guard extends Component<{ children: ComponentChildren }, { error?: unknown }> {
  state: { error?: unknown } = {};
  static getDerivedStateFromError = (error: unknown) => ({ error });
  render() {
    return this.state.error ? <p class="note bad" role="alert">{t("error")}: {problem(this.state.error)}</p> : this.props.children;
  }
}

function useStatus() {
  const [state, set] = useState<{ status?: Status; error?: unknown }>({});
  useEffect(() => {
    let timer = 0;
    let ended = false;
    const ask = async (question: Promise<Status>) => {
      try {
        const status = await question;
        if (!ended) set({ status });
      } catch (error) {
        if (!ended) set((old) => ({ ...old, error }));
      }
      if (!ended) timer = window.setTimeout(() => ask(network.chain ? call<Status>("status") : load()), 2000);
    };
    void ask(load());
    return () => {
      ended = true;
      clearTimeout(timer);
    };
  }, []);
  return state;
}

function App() {
  const [at, setAt] = useState(route());
  const [, redraw] = useState(0);
  const { status, error } = useStatus();
  const main = useRef<HTMLElement>(null);
  useEffect(() => {
    const moved = () => {
      setAt(route());
      window.scrollTo(0, 0);
      main.current?.focus({ preventScroll: true });
    };
    addEventListener("hashchange", moved);
    const ended = onChange(() => redraw((n) => n + 1));
    return () => (removeEventListener("hashchange", moved), ended());
  }, []);
  const shown = status && view(at, status);
  useEffect(() => {
    document.documentElement.lang = current() === "zh" ? "zh-CN" : "en";
    document.title = `${shown ? `${t(shown.key)} · ` : ""}${t("title")}`;
  });
  const who = session();
  const switchLanguage = () => {
    use(current() === "zh" ? "en" : "zh");
    redraw((n) => n + 1);
  };
  return (
    <>
      <a class="skip" href="#main" onClick={(e) => (e.preventDefault(), main.current?.focus())}>{t("skip")}</a>
      <header class="bar">
        <div class="wrap bar-in">
          <a class="brand" href="#/">
            <b>{t("title")}</b>
            <span>{status && network.members.length ? `${memberName(status.member)} · ${status.code.toUpperCase()}` : "Landsea"}</span>
          </a>
          <nav aria-label={t("nav")}>
            {NAV.map(([path, key]) => (
              <a href={`#/${path}`} aria-current={(SECTION[at[0]] ?? at[0]) === path ? "page" : undefined} key={path}>{t(key)}</a>
            ))}
          </nav>
          <div class="tools">
            <button type="button" class="plain" onClick={switchLanguage} lang={current() === "zh" ? "en" : "zh-CN"} id="language">{t("other_language")}</button>
            {who ? (
              <span class="who">
                <span title={who.account}>{who.roles.map((role) => word("role", role)).join(" ")} · {memberName(who.home)}</span>
                <button type="button" class="plain" onClick={end} id="sign-out">{t("sign_out")}</button>
              </span>
            ) : (
              <a class="plain" href="#/sign-in" id="sign-in">{t("sign_in")}</a>
            )}
          </div>
        </div>
      </header>
      <main id="main" class="wrap" tabIndex={-1} ref={main}>
        {error !== undefined && <p class="note bad" role="alert">{problem(error)}</p>}
        <Guard key={`${at.join("/")} ${who?.account}`}>{shown ? shown.body : !error && <p class="muted pad">{t("loading")}</p>}</Guard>
      </main>
    </>
  );
}

render(<App />, document.getElementById("app")!);
