//! `[[step]]`: who does what.

use super::checks::{ReadStep, Used, collect, collect_references};
use super::queries::{QUERIES, Query};
use super::{Node, Reader};
use crate::scenario::args::{Names, OpSpec};
use crate::scenario::spec::{Problem, Spec};
use crate::scenario::step::{
    About, Act, Answer, ConsentFlaw, ConsentSpec, Control, Hostile, Mode, Port, QuestionName, Spoil, Step, Transact,
    Verify, Wait,
};
use crate::scenario::values::{Span, json_of};
use landsea_client::builder::VALID_HEIGHTS;
use landsea_types::role::Role;
use serde::Deserialize;
use serde_json::Value;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

const CONTROLS: &str = "node.stop, node.kill, node.start, wait, same_root_on_all_nodes, junk";
/// Largest junk, bytes.
const JUNK_BYTES_MAX: usize = 1 << 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StepInput {
    id: Spanned<String>,
    #[serde(default)]
    text: String,
    #[serde(default)]
    actor: Option<Spanned<String>>,
    #[serde(default)]
    via: Option<Spanned<String>>,
    #[serde(default)]
    op: Option<Spanned<String>>,
    #[serde(default)]
    query: Option<Spanned<String>>,
    #[serde(default)]
    certificate: Option<Spanned<String>>,
    #[serde(default)]
    verify: Option<Spanned<String>>,
    #[serde(default)]
    control: Option<Spanned<String>>,
    #[serde(default)]
    hostile: Option<Spanned<String>>,
    #[serde(default)]
    again: Option<Spanned<String>>,
    #[serde(default)]
    consents: Vec<Spanned<ConsentInput>>,
    #[serde(default)]
    represents: Option<Spanned<String>>,
    #[serde(default)]
    mode: Mode,
    #[serde(default = "valid_for")]
    valid_for: u64,
    #[serde(default)]
    on_all_nodes: bool,
    #[serde(default)]
    timeout: Option<Span>,
    #[serde(default)]
    save: Option<String>,
    #[serde(default)]
    together: Option<String>,
    #[serde(default)]
    block: Option<String>,
    #[serde(default)]
    repeat: Option<Spanned<u32>>,
}

fn valid_for() -> u64 {
    VALID_HEIGHTS
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a party's tag, \"TAG:ROLE\", or { party, role, flaw }")]
enum ConsentInput {
    Name(String),
    Full(FullConsent),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FullConsent {
    party: String,
    #[serde(default)]
    role: Option<Role>,
    #[serde(default)]
    flaw: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NodesInput {
    nodes: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JunkInput {
    node: String,
    port: Port,
    #[serde(default = "junk_bytes")]
    bytes: usize,
}

fn junk_bytes() -> usize {
    4_096
}

/// The parts of a step that are read by what it does.
struct Parts<'t> {
    args: Node<'t>,
    also: Option<Node<'t>>,
    span: Range<usize>,
    /// Whether the node shall refuse the question: then it may be a wrong one.
    is_bad_request: bool,
}

impl Reader<'_> {
    pub(super) fn steps(&mut self, node: Option<Node<'_>>) -> Vec<ReadStep> {
        let Some(node) = node else { return Vec::new() };
        let span = node.span();
        let DeValue::Array(items) = node.into_inner() else {
            self.fail(span, "steps are written as [[step]]");
            return Vec::new();
        };
        items.into_iter().filter_map(|item| self.step(item)).collect()
    }

    fn step(&mut self, node: Node<'_>) -> Option<ReadStep> {
        let span = node.span();
        let DeValue::Table(mut table) = node.into_inner() else {
            self.fail(span, "a step is a table: [[step]]");
            return None;
        };
        let args = table.remove("args").unwrap_or_else(|| Spanned::new(span.clone(), DeValue::Table(DeTable::new())));
        let also = table.remove("also");
        let mut used = Vec::new();
        collect_references(&args, &mut used);
        table.values().chain(&also).for_each(|value| collect_references(value, &mut used));
        let expect = self.expectation(&mut table);
        let is_bad_request = expect.as_ref().is_some_and(|e| e.answers.iter().any(Answer::is_bad_request));
        let input: StepInput = self.read_table(table, span.clone())?;
        used.extend(used_by_head(&input));
        if input.op.is_none() {
            collect(&args, &mut used);
        }
        let act = self.act(&input, Parts { args, also, span: span.clone(), is_bad_request }, &mut used)?;
        self.check_flow(&input, &act, &span);
        let step = Step {
            line: self.source.place(span.start).0,
            id: input.id.get_ref().clone(),
            text: input.text,
            actor: input.actor.map(Spanned::into_inner),
            via: input.via.map(Spanned::into_inner),
            act,
            expect: expect?,
            save: input.save,
            together: input.together,
            block: input.block,
            repeat: input.repeat.map_or(1, Spanned::into_inner),
            timeout: input.timeout,
        };
        Some(ReadStep { step, id_span: input.id.span(), used })
    }

    fn check_flow(&mut self, input: &StepInput, act: &Act, span: &Range<usize>) {
        let is_transaction = matches!(act, Act::Transact(_));
        if is_transaction && input.actor.is_none() {
            self.fail(span.clone(), "a transaction needs an `actor`");
        }
        if input.together.is_some() && !is_transaction {
            self.fail(span.clone(), "only transactions can be submitted `together`");
        }
        if let Some(repeat) = &input.repeat
            && (input.block.is_none() || *repeat.get_ref() == 0)
        {
            self.fail(repeat.span(), "`repeat` is at least 1 and repeats the steps of one `block`");
        }
        if let Some(consent) = input.consents.first().filter(|_| !is_transaction) {
            self.fail(consent.span(), "only transactions carry consents");
        }
    }

    fn act(&mut self, input: &StepInput, parts: Parts<'_>, used: &mut Vec<Used>) -> Option<Act> {
        let kinds = [&input.op, &input.query, &input.certificate, &input.verify, &input.control];
        let given = kinds.iter().filter(|k| k.is_some()).count();
        let sends_again = input.again.is_some() || input.hostile.is_some();
        if given > 1 || (given == 0 && !sends_again) {
            self.fail(parts.span, "a step has exactly one of `op`, `query`, `certificate`, `verify` and `control`");
            return None;
        }
        match input {
            StepInput { query: Some(query), .. } => self.query(query, &parts, used),
            StepInput { certificate: Some(question), .. } => self.certificate(question, parts.args, used),
            StepInput { verify: Some(name), .. } => self.verify(name, &parts.args, used),
            StepInput { control: Some(control), .. } => self.control(control, parts.args),
            _ => self.transact(input, parts, used).map(Act::Transact),
        }
    }

    fn transact(&mut self, input: &StepInput, parts: Parts<'_>, used: &mut Vec<Used>) -> Option<Transact> {
        let mut operations = Vec::new();
        if let Some(name) = &input.op {
            operations.push(self.operation(name, parts.args, used)?);
        }
        operations.extend(self.further(parts.also, used));
        let hostile = match &input.hostile {
            Some(word) => Some(self.word(word, Hostile::from_word, Hostile::WORDS)?),
            None => None,
        };
        let needs_step = matches!(hostile, Some(Hostile::Replayed | Hostile::ReusedConsents));
        if needs_step != input.again.is_some() {
            let problem = "`again` names the step whose transaction is sent again, with hostile = \"replayed\" or \"reused_consents\"";
            self.fail(parts.span.clone(), problem);
        }
        if operations.is_empty() && !needs_step && !matches!(hostile, Some(Hostile::Garbage | Hostile::NoOperation)) {
            self.fail(parts.span, "a transaction needs an `op`");
        }
        let consents = input.consents.iter().filter_map(|c| self.consent(c, used)).collect();
        Some(Transact {
            operations,
            consents,
            hostile,
            again: input.again.as_ref().map(|s| s.get_ref().clone()),
            represents: input.represents.as_ref().map(|s| s.get_ref().clone()),
            mode: input.mode,
            valid_for: input.valid_for,
            on_all_nodes: input.on_all_nodes,
        })
    }

    fn operation(&mut self, name: &Spanned<String>, args: Node<'_>, used: &mut Vec<Used>) -> Option<OpSpec> {
        let span = args.span();
        let kept = args.clone();
        match OpSpec::read(name.get_ref(), args) {
            Some(Ok(spec)) => {
                collect(&kept, used);
                Some(spec)
            }
            Some(Err(error)) => {
                let mut error = self.source.toml_error(&error, span);
                error.problem = format!("{}: {}", name.get_ref(), error.problem);
                self.errors.push(error);
                None
            }
            None => self.written(name, &kept, used),
        }
    }

    /// An operation that is read through the ledger's own type.
    fn written(&mut self, name: &Spanned<String>, args: &Node<'_>, used: &mut Vec<Used>) -> Option<OpSpec> {
        let value = match json_of(args.get_ref()) {
            Ok(value) => value,
            Err(problem) => {
                self.fail(args.span(), problem);
                return None;
            }
        };
        match Spec::read(name.get_ref(), value) {
            Some(Ok((spec, named))) => {
                used.extend(named.into_iter().map(|n| Used {
                    names: n.names,
                    name: n.name,
                    span: place_of(args, &n.path, false),
                }));
                Some(OpSpec::Written(spec))
            }
            Some(Err(Problem { path, is_key, text })) => {
                let span = place_of(args, &path.unwrap_or_default(), is_key);
                self.fail(span, format!("{}: {text}", name.get_ref()));
                None
            }
            None => {
                let there = Spec::names().collect::<Vec<_>>().join(", ");
                self.fail(name.span(), format!("unknown operation `{}`; there are {there}", name.get_ref()));
                None
            }
        }
    }

    /// `also`: further operations of the same transaction, each `{ op, args }`.
    fn further(&mut self, also: Option<Node<'_>>, used: &mut Vec<Used>) -> Vec<OpSpec> {
        let Some(node) = also else { return Vec::new() };
        let span = node.span();
        let DeValue::Array(items) = node.into_inner() else {
            self.fail(span, "`also` is a list of { op, args }");
            return Vec::new();
        };
        items.into_iter().filter_map(|item| self.one_more(item, used)).collect()
    }

    fn one_more(&mut self, item: Node<'_>, used: &mut Vec<Used>) -> Option<OpSpec> {
        let at = item.span();
        let DeValue::Table(mut table) = item.into_inner() else {
            self.fail(at, "expected { op, args }");
            return None;
        };
        let args = table.remove("args").unwrap_or_else(|| Spanned::new(at.clone(), DeValue::Table(DeTable::new())));
        match table.remove("op").and_then(|op| self.read::<Spanned<String>>(op)) {
            Some(op) if table.is_empty() => self.operation(&op, args, used),
            _ => {
                self.fail(at, "expected { op, args } and nothing else");
                None
            }
        }
    }

    fn consent(&mut self, input: &Spanned<ConsentInput>, used: &mut Vec<Used>) -> Option<ConsentSpec> {
        let span = input.span();
        let (party, role, flaw) = match input.get_ref() {
            ConsentInput::Name(text) => match text.split_once(':') {
                None => (text.clone(), None, None),
                Some((party, role)) => (party.to_owned(), Some(self.role(role, &span)?), None),
            },
            ConsentInput::Full(full) => {
                let flaw = match &full.flaw {
                    Some(f) => {
                        let word = Spanned::new(span.clone(), f.clone());
                        Some(self.word(&word, ConsentFlaw::from_word, ConsentFlaw::WORDS)?)
                    }
                    None => None,
                };
                (full.party.clone(), full.role, flaw)
            }
        };
        used.push(Used { names: Names::Party, name: party.clone(), span });
        Some(ConsentSpec { party, role, flaw })
    }

    fn role(&mut self, name: &str, span: &Range<usize>) -> Option<Role> {
        let found = Role::from_name(name);
        if found.is_none() {
            let names: Vec<&str> = Role::ALL.iter().map(|r| r.name()).collect();
            self.fail(span.clone(), format!("unknown role `{name}`; there are {}", names.join(", ")));
        }
        found
    }

    fn query(&mut self, name: &Spanned<String>, parts: &Parts<'_>, used: &mut Vec<Used>) -> Option<Act> {
        let args = &parts.args;
        let Some(query) = Query::of(name.get_ref()) else {
            let there: Vec<&str> = QUERIES.iter().map(|query| query.name).collect();
            self.fail(name.span(), format!("unknown query `{}`; there are {}", name.get_ref(), there.join(", ")));
            return None;
        };
        if !parts.is_bad_request {
            self.query_arguments(query, args, used);
        }
        match json_of(args.get_ref()) {
            Ok(args @ Value::Object(_)) => Some(Act::Query { method: name.get_ref().clone(), args }),
            Ok(_) => {
                self.fail(args.span(), "`args` is a table");
                None
            }
            Err(problem) => {
                self.fail(args.span(), problem);
                None
            }
        }
    }

    fn certificate(&mut self, question: &Spanned<String>, args: Node<'_>, used: &mut Vec<Used>) -> Option<Act> {
        let span = args.span();
        let question = self.word(question, QuestionName::from_word, QuestionName::WORDS)?;
        let about: About = self.read(args)?;
        let at = about.at.iter().filter(|at| !at.get_ref().starts_with('@'));
        used.extend(at.map(|at| Used { names: Names::Step, name: at.get_ref().clone(), span: at.span() }));
        let fits = match question {
            QuestionName::ProofLevel => about.proof.is_some() && about.paper.is_none(),
            _ => about.paper.is_some() && about.proof.is_none(),
        };
        if !fits {
            self.fail(span, "a certificate is about a `paper`, with question proof_level about a `proof`");
            return None;
        }
        Some(Act::Certificate { question, about })
    }

    fn verify(&mut self, name: &Spanned<String>, args: &Node<'_>, used: &mut Vec<Used>) -> Option<Act> {
        let DeValue::Table(mut table) = args.get_ref().clone() else {
            self.fail(args.span(), "`args` is a table");
            return None;
        };
        let certificate = DeValue::String(name.get_ref().clone().into());
        table.insert(Spanned::new(name.span(), "certificate".into()), Spanned::new(name.span(), certificate));
        used.push(Used { names: Names::Step, name: name.get_ref().clone(), span: name.span() });
        let verify: Verify = self.read_table(table, args.span())?;
        if let Some(spoil) = &verify.spoil {
            self.word(&Spanned::new(args.span(), spoil.clone()), Spoil::from_word, Spoil::WORDS)?;
        }
        Some(Act::Verify(verify))
    }

    fn control(&mut self, name: &Spanned<String>, args: Node<'_>) -> Option<Act> {
        let control = match name.get_ref().as_str() {
            "node.stop" => Control::Stop { nodes: self.read::<NodesInput>(args)?.nodes },
            "node.kill" => Control::Kill { nodes: self.read::<NodesInput>(args)?.nodes },
            "node.start" => Control::Start { nodes: self.read::<NodesInput>(args)?.nodes },
            "wait" => Control::Wait { wait: self.wait(args)? },
            "same_root_on_all_nodes" => Control::SameRoot,
            "junk" => {
                let JunkInput { node, port, bytes } = self.read(args)?;
                Control::Junk { node, port, bytes: bytes.min(JUNK_BYTES_MAX) }
            }
            other => {
                self.fail(name.span(), format!("unknown control `{other}`; there are {CONTROLS}"));
                return None;
            }
        };
        Some(Act::Control { control })
    }

    fn wait(&mut self, args: Node<'_>) -> Option<Wait> {
        let span = args.span();
        let wait: Wait = self.read(args)?;
        if wait.until.is_some() == wait.heights.is_some() {
            self.fail(span, "wait needs one of `until` (a time) and `heights` (a number of blocks)");
        }
        Some(wait)
    }

    fn word<T>(&mut self, word: &Spanned<String>, read: fn(&str) -> Option<T>, all: &[&str]) -> Option<T> {
        let found = read(word.get_ref());
        if found.is_none() {
            self.fail(word.span(), format!("unknown word `{}`; there are {}", word.get_ref(), all.join(", ")));
        }
        found
    }
}

fn used_by_head(input: &StepInput) -> Vec<Used> {
    let used = |names, name: &Spanned<String>| Used { names, name: name.get_ref().clone(), span: name.span() };
    let actor = input.actor.iter().map(|a| used(Names::Party, a));
    let via = input.via.iter().map(|v| used(Names::Node, v));
    let again = input.again.iter().map(|s| used(Names::Step, s));
    let represented = input.represents.iter().map(|p| used(Names::Party, p));
    actor.chain(via).chain(represented).chain(again).collect()
}

/// Where an argument stands, by its keys and positions; as deep as the path can be followed.
fn place_of(node: &Node<'_>, path: &[String], key: bool) -> Range<usize> {
    let Some((first, rest)) = path.split_first() else { return node.span() };
    let found = match node.get_ref() {
        DeValue::Table(table) => table.get_key_value(first.as_str()).map(|(name, value)| (name.span(), value)),
        DeValue::Array(items) => first.parse::<usize>().ok().and_then(|i| items.get(i)).map(|item| (item.span(), item)),
        _ => None,
    };
    match found {
        Some((span, _)) if rest.is_empty() && key => span,
        Some((_, value)) => place_of(value, rest, key),
        None => node.span(),
    }
}
