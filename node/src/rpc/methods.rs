//! The table of methods: name, what it is for, what it takes and gives, and how it is answered. The OpenRPC document is made from it.

use super::auth::Caller;
use super::openrpc::{self, Shape};
use super::read::Nothing;
use super::work::{self, Work};
use super::{Context, certificates, derive, errors, read, submit, subscribe};
use jsonrpsee::types::{ErrorObjectOwned, Params};
use jsonrpsee::{Extensions, RpcModule};
use landsea_client::api::{
    EventFilter, EventNotice, OutcomesFilter, OutcomesNotice, SubmitAnswer, Submitted, TransactionView, method,
};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use std::sync::Arc;

type Answer<T> = Result<T, ErrorObjectOwned>;
type RegisterError = jsonrpsee::core::RegisterMethodError;
type Module = RpcModule<Arc<Context>>;
type Register = Box<dyn FnOnce(&mut Module) -> Result<(), RegisterError>>;

/// A row of the table.
pub(super) struct Entry {
    pub(super) name: &'static str,
    pub(super) summary: &'static str,
    pub(super) shape: fn(&mut SchemaGenerator) -> Shape,
    /// Whether the ledger's codes can be its errors.
    pub(super) is_refusable: bool,
    /// Whether its parameters are a list: only where the server itself answers.
    pub(super) by_position: bool,
    pub(super) notified: Option<Notified>,
    register: Register,
}

/// What a subscription tells.
pub(super) struct Notified {
    pub(super) method: &'static str,
    /// The method that ends it.
    pub(super) end: &'static str,
    pub(super) shape: fn(&mut SchemaGenerator) -> Schema,
}

/// The answer to a subscription, and what ends it.
#[derive(JsonSchema)]
struct SubscriptionId {
    #[expect(dead_code, reason = "only its schema is of use")]
    subscription: u64,
}

fn entry<P: JsonSchema, R: JsonSchema>(name: &'static str, summary: &'static str, register: Register) -> Entry {
    let (is_refusable, by_position, notified) = (false, false, None);
    Entry { name, summary, shape: Shape::of::<P, R>, is_refusable, by_position, notified, register }
}

/// A method that answers from a snapshot. It runs beside the workers: reading the disk must not hold up the network.
fn reads<P, R>(name: &'static str, summary: &'static str, answer: fn(&Context, &Caller, P) -> Answer<R>) -> Entry
where
    P: DeserializeOwned + JsonSchema + 'static,
    R: Serialize + JsonSchema + Clone + Send + 'static,
{
    let register = move |module: &mut Module| {
        let registered = module.register_blocking_method(name, move |params, context, extensions| -> Answer<R> {
            let caller = Caller::of(&context, &extensions)?;
            answer(&context, &caller, parse(&params)?)
        });
        registered.map(|_| ())
    };
    entry::<P, R>(name, summary, Box::new(register))
}

/// A method that looks at many heights or records: it waits for its turn, and ends when nobody waits for it.
fn reads_long<P, R>(
    name: &'static str,
    summary: &'static str,
    answer: fn(&Context, &Caller, P, &Work) -> Answer<R>,
) -> Entry
where
    P: DeserializeOwned + JsonSchema + Send + 'static,
    R: Serialize + JsonSchema + Clone + Send + 'static,
{
    let register = move |module: &mut Module| {
        let registered = module.register_async_method(name, move |params, context, extensions| async move {
            let given: P = parse(&params)?;
            let asker = extensions.clone();
            let read = move |context: &Context, work: &Work| -> Answer<R> {
                answer(context, &Caller::of(context, &asker)?, given, work)
            };
            work::long(Arc::clone(&context), &extensions, read).await
        });
        registered.map(|_| ())
    };
    entry::<P, R>(name, summary, Box::new(register))
}

/// The method that takes many transactions, with what its caller may still submit.
fn takes_many() -> Entry {
    let register = |module: &mut Module| {
        let answer = module.register_blocking_method(method::SUBMIT_BATCH, |params, context, extensions| {
            Caller::of(&context, &extensions)?;
            let allowance = context.quotas.of_request(&context, &extensions);
            submit::submit_batch(&context, &allowance, parse(&params)?)
        });
        answer.map(|_| ())
    };
    let summary = "Queues many transactions; an answer to each, in their order.";
    entry::<submit::SubmitBatchParams, Vec<SubmitAnswer>>(method::SUBMIT_BATCH, summary, Box::new(register))
}

/// Parameters are one JSON object; none at all counts as an empty one.
pub(super) fn parse<P: DeserializeOwned>(params: &Params<'_>) -> Answer<P> {
    let text = params.as_str().unwrap_or("{}");
    serde_json::from_str(text).map_err(|e| errors::invalid_params(format!("parameters must be one JSON object: {e}")))
}

/// All methods over one context.
pub(super) fn module(context: Arc<Context>) -> Result<Module, RegisterError> {
    let mut module = RpcModule::new(context);
    let table = table();
    let described: BTreeSet<&str> = table.iter().map(|entry| entry.name).collect();
    table.into_iter().try_for_each(|entry| (entry.register)(&mut module))?;
    let registered: BTreeSet<&str> = module.method_names().collect();
    assert_eq!(described, registered, "the table of methods describes what is registered");
    Ok(module)
}

/// Every method, in the order of the document.
pub(super) fn table() -> Vec<Entry> {
    let parts = [about_the_chain(), about_documents(), about_parties(), about_goods(), proofs(), transactions()];
    parts.into_iter().flatten().chain(subscriptions()).collect()
}

fn about_the_chain() -> Vec<Entry> {
    vec![
        reads(method::STATUS, "How the node is: height, round, peers, load.", read::status),
        reads(method::MEMBERS, "The other members, as this node hears of them.", read::members),
        reads_long(method::STATISTICS, "Counts by member over some heights.", read::statistics),
        reads(method::GENESIS, "The genesis, from which every certificate is verified.", read::genesis),
        reads(method::TRANSACTION, "A committed transaction with its outcome.", read::transaction),
        reads(method::BLOCK, "A block with its commit certificate and its transactions' codes.", read::block),
        reads(method::HEADER, "A block's header.", read::header),
        reads(method::VALIDATORS, "Who decides a height.", read::validators),
        reads(method::PARAMS, "The parameters in force.", read::params),
        reads_long(
            method::ATTEMPTS,
            "Attempts at a second pledge: the count, and for branches concerned the entries.",
            |context, caller, asked, _| read::attempts(context, caller, asked),
        ),
        reads(method::EVIDENCE, "Evidence of equivocation, for branches and auditors.", read::evidence),
        reads(
            method::ESTIMATE_PRIORITY,
            "Where a transaction queued now would stand at the earliest.",
            read::estimate_priority,
        ),
        reads_long(method::EVENTS, "Events from a place on, a page at a time.", subscribe::events),
        reads(method::DISCOVER, "This document.", |_, _, _: Nothing| Ok(openrpc::discover())),
    ]
}

fn about_documents() -> Vec<Entry> {
    vec![
        reads(method::DOCUMENT, "A document by id or fingerprint.", read::document),
        reads(method::DOCUMENTS_BY_HOLDER, "The documents that a party holds.", read::documents_by_holder),
        reads(method::CHAIN, "A document's endorsement chain.", read::chain),
        reads(method::CHILDREN, "What a split made of a document.", read::children),
        reads(method::PLEDGE, "A pledge.", read::pledge),
        reads(method::PLEDGES_BY_PARTY, "A bank's pledges.", read::pledges_by_party),
        reads(method::OFFER, "An offered pledge.", read::offer),
        reads(method::PROOF, "A case of trade authenticity.", read::proof),
        reads(method::PROOFS_BY_DOC, "The cases opened on a document.", read::proofs_by_doc),
        reads(method::USE_MARK, "How far a piece of evidence is used.", read::use_mark),
    ]
}

fn about_parties() -> Vec<Entry> {
    vec![
        reads(method::PARTY, "A party.", read::party),
        reads(method::PARTY_BY_FINGERPRINT, "The account of a firm, for branches.", read::party_by_fingerprint),
        reads(method::DELEGATIONS, "Who may act for a party.", read::delegations),
    ]
}

/// Methods about goods and what lies on them.
fn about_goods() -> Vec<Entry> {
    vec![
        reads(method::LOT, "A lot of goods.", read::lot),
        reads(method::LOTS_BY_DOC, "The lots of a document, in its order.", read::lots_by_doc),
        reads(method::GOODS_KEY, "The lot that occupies a key of goods.", read::goods_key),
        reads(method::CELL, "A warehouse cell.", read::cell),
        reads(method::ENCUMBRANCE, "The live encumbrance of a document or lot.", read::encumbrance),
        reads(method::RESERVATION, "The reservation of a document or lot.", read::reservation),
        reads(method::HOLD, "A hold, ended ones included.", read::hold),
        reads(method::HOLDS, "The effective holds on an object, the gravest first.", read::holds),
        reads(method::QUEUE, "The holds placed on an object, in the order of placing.", read::queue),
        reads_long(
            method::TIMELINE,
            "What was seen of goods, from their first lot on.",
            |context, caller, asked, _| read::timeline(context, caller, asked),
        ),
        reads(method::WHERE, "Where a lot was at a height.", read::whereabouts),
        reads_long(
            method::IN_TRANSIT,
            "Lots on their way in a member's territory, for branches and auditors.",
            |context, caller, asked, _| read::in_transit(context, caller, asked),
        ),
    ]
}

fn proofs() -> Vec<Entry> {
    vec![
        reads(
            method::CERTIFICATE,
            "A certificate that answers a question without trust in this node.",
            certificates::certificate,
        ),
        reads(
            method::VERIFY,
            "What a verifier says of a certificate; whoever trusts no node runs it himself.",
            certificates::verify,
        ),
        reads(method::FINGERPRINT_DERIVE, "A ticket of the caller's own branch for raw fingerprints.", derive::derive),
    ]
}

fn transactions() -> Vec<Entry> {
    let submit = |module: &mut Module| {
        let answer = module.register_async_method(method::SUBMIT, |params, context, extensions| async move {
            submit::submit(&context, &extensions, parse(&params)?).await
        });
        answer.map(|_| ())
    };
    let and_wait = |module: &mut Module| {
        let answer = module.register_async_method(method::SUBMIT_AND_WAIT, |params, context, extensions| async move {
            submit::submit_and_wait(&context, &extensions, parse(&params)?).await
        });
        answer.map(|_| ())
    };
    let mut all = vec![
        reads(method::SIMULATE, "The code that a transaction would get now. Nothing is queued.", submit::simulate),
        takes_many(),
        entry::<submit::SubmitParams, Submitted>(
            method::SUBMIT,
            "Queues a transaction. ACCEPTED is not durable. The same bytes, once committed, are answered 1002 with the first outcome.",
            Box::new(submit),
        ),
        entry::<submit::SubmitParams, TransactionView>(
            method::SUBMIT_AND_WAIT,
            "Queues a transaction and answers once it is committed. The same bytes are answered with the first outcome.",
            Box::new(and_wait),
        ),
    ];
    all.iter_mut().for_each(|entry| entry.is_refusable = true);
    all
}

fn subscriptions() -> Vec<Entry> {
    let events = |module: &mut Module| {
        let (open, told, end) = (method::SUBSCRIBE_EVENTS, method::EVENT, method::UNSUBSCRIBE_EVENTS);
        let opened =
            module.register_subscription(open, told, end, |params, pending, context, extensions: Extensions| {
                subscribe::run(params, pending, Arc::clone(&context), extensions)
            });
        opened.map(|_| ())
    };
    let outcomes = |module: &mut Module| {
        let (open, told, end) = (method::SUBSCRIBE_OUTCOMES, method::OUTCOMES, method::UNSUBSCRIBE_OUTCOMES);
        let opened =
            module.register_subscription(open, told, end, |params, pending, context, extensions: Extensions| {
                subscribe::run_outcomes(params, pending, Arc::clone(&context), extensions)
            });
        opened.map(|_| ())
    };
    let mut events = entry::<EventFilter, u64>(
        method::SUBSCRIBE_EVENTS,
        "WebSocket only: tells events from a place on, as they are committed. Go on at the last one's `next`: nothing is lost or repeated.",
        Box::new(events),
    );
    let mut outcomes = entry::<OutcomesFilter, u64>(
        method::SUBSCRIBE_OUTCOMES,
        "WebSocket only: tells the codes of every committed height.",
        Box::new(outcomes),
    );
    events.notified = Some(notified::<EventNotice>(method::EVENT, method::UNSUBSCRIBE_EVENTS));
    outcomes.notified = Some(notified::<OutcomesNotice>(method::OUTCOMES, method::UNSUBSCRIBE_OUTCOMES));
    vec![events, ends(method::UNSUBSCRIBE_EVENTS), outcomes, ends(method::UNSUBSCRIBE_OUTCOMES)]
}

fn notified<N: JsonSchema>(method: &'static str, end: &'static str) -> Notified {
    Notified { method, end, shape: |generator| generator.subschema_for::<N>() }
}

/// The method that ends a subscription, which is registered with it.
fn ends(name: &'static str) -> Entry {
    let summary = "Ends a subscription; the only parameter is its number.";
    Entry { by_position: true, ..entry::<SubscriptionId, bool>(name, summary, Box::new(|_: &mut Module| Ok(()))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names in the module of constants that clients use.
    fn constants() -> BTreeSet<&'static str> {
        let source = include_str!("../../../client/src/api.rs");
        let module = source.split("pub mod method {").nth(1).and_then(|rest| rest.split("\n}").next());
        let lines = module.expect("the module is there").lines().filter(|line| line.contains(": &str = "));
        lines.filter_map(|line| line.split('"').nth(1)).collect()
    }

    #[test]
    fn every_method_that_clients_name_is_described_once_and_every_described_one_is_named() {
        let table = table();
        let notified = table.iter().filter_map(|entry| entry.notified.as_ref()).map(|notified| notified.method);
        let told: Vec<&str> = table.iter().map(|entry| entry.name).chain(notified).collect();
        let distinct: BTreeSet<&str> = told.iter().copied().collect();
        assert_eq!(distinct.len(), told.len(), "a name stands twice");
        assert_eq!(distinct, constants());
    }
}
