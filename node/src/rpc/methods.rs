//! The table of methods.

use super::auth::Caller;
use super::{Context, certificates, derive, errors, read, submit, subscribe};
use jsonrpsee::types::{ErrorObjectOwned, Params};
use jsonrpsee::{Extensions, RpcModule};
use landsea_client::api::method;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;

type Answer<T> = Result<T, ErrorObjectOwned>;
type RegisterError = jsonrpsee::core::RegisterMethodError;

/// Registers a method that answers from a snapshot. It runs beside the workers: reading the disk must not hold up the network.
fn read_method<P, R>(
    module: &mut RpcModule<Arc<Context>>,
    name: &'static str,
    answer: fn(&Context, &Caller, P) -> Answer<R>,
) -> Result<(), RegisterError>
where
    P: DeserializeOwned + 'static,
    R: Serialize + Clone + Send + 'static,
{
    module.register_blocking_method(name, move |params, context, extensions| -> Answer<R> {
        let caller = Caller::of(&context, &extensions)?;
        answer(&context, &caller, parse(&params)?)
    })?;
    Ok(())
}

/// Parameters are one JSON object; none at all counts as an empty one.
pub(super) fn parse<P: DeserializeOwned>(params: &Params<'_>) -> Answer<P> {
    let text = params.as_str().unwrap_or("{}");
    serde_json::from_str(text).map_err(|e| errors::invalid_params(format!("parameters must be one JSON object: {e}")))
}

/// All methods over one context.
pub(super) fn module(context: Arc<Context>) -> Result<RpcModule<Arc<Context>>, RegisterError> {
    let mut m = RpcModule::new(context);
    read_method(&mut m, method::STATUS, read::status)?;
    read_method(&mut m, method::MEMBERS, read::members)?;
    read_method(&mut m, method::STATISTICS, read::statistics)?;
    read_method(&mut m, method::TRANSACTION, read::transaction)?;
    read_method(&mut m, method::BLOCK, read::block)?;
    read_method(&mut m, method::HEADER, read::header)?;
    read_method(&mut m, method::VALIDATORS, read::validators)?;
    read_method(&mut m, method::PARAMS, read::params)?;
    read_method(&mut m, method::DOCUMENT, read::document)?;
    read_method(&mut m, method::DOCUMENTS_BY_HOLDER, read::documents_by_holder)?;
    read_method(&mut m, method::CHAIN, read::chain)?;
    read_method(&mut m, method::CHILDREN, read::children)?;
    read_method(&mut m, method::PLEDGE, read::pledge)?;
    read_method(&mut m, method::PLEDGES_BY_PARTY, read::pledges_by_party)?;
    read_method(&mut m, method::PARTY, read::party)?;
    read_method(&mut m, method::PARTY_BY_FINGERPRINT, read::party_by_fingerprint)?;
    read_method(&mut m, method::PROOF, read::proof)?;
    read_method(&mut m, method::PROOFS_BY_DOC, read::proofs_by_doc)?;
    read_method(&mut m, method::OFFER, read::offer)?;
    read_method(&mut m, method::USE_MARK, read::use_mark)?;
    read_method(&mut m, method::DELEGATIONS, read::delegations)?;
    read_method(&mut m, method::ATTEMPTS, read::attempts)?;
    read_method(&mut m, method::EVIDENCE, read::evidence)?;
    read_method(&mut m, method::ESTIMATE_PRIORITY, read::estimate_priority)?;
    read_method(&mut m, method::CERTIFICATE, certificates::certificate)?;
    read_method(&mut m, method::VERIFY, certificates::verify)?;
    read_method(&mut m, method::FINGERPRINT_DERIVE, derive::derive)?;
    read_method(&mut m, method::SIMULATE, submit::simulate)?;
    read_method(&mut m, method::SUBMIT_BATCH, submit::submit_batch)?;
    goods_methods(&mut m)?;
    m.register_async_method(method::SUBMIT, |params, context, extensions| async move {
        submit::submit(&context, &extensions, parse(&params)?).await
    })?;
    m.register_async_method(method::SUBMIT_AND_WAIT, |params, context, extensions| async move {
        submit::submit_and_wait(&context, &extensions, parse(&params)?).await
    })?;
    m.register_subscription(
        method::SUBSCRIBE_EVENTS,
        method::EVENT,
        method::UNSUBSCRIBE_EVENTS,
        |params, pending, context, extensions: Extensions| async move {
            subscribe::run(params, pending, Arc::clone(&context), extensions).await;
        },
    )?;
    m.register_subscription(
        method::SUBSCRIBE_OUTCOMES,
        method::OUTCOMES,
        method::UNSUBSCRIBE_OUTCOMES,
        |params, pending, context, extensions: Extensions| async move {
            subscribe::run_outcomes(params, pending, Arc::clone(&context), extensions).await;
        },
    )?;
    Ok(m)
}

/// Methods about goods and what lies on them.
fn goods_methods(m: &mut RpcModule<Arc<Context>>) -> Result<(), RegisterError> {
    read_method(m, method::LOT, read::lot)?;
    read_method(m, method::LOTS_BY_DOC, read::lots_by_doc)?;
    read_method(m, method::GOODS_KEY, read::goods_key)?;
    read_method(m, method::CELL, read::cell)?;
    read_method(m, method::ENCUMBRANCE, read::encumbrance)?;
    read_method(m, method::RESERVATION, read::reservation)?;
    read_method(m, method::HOLD, read::hold)?;
    read_method(m, method::HOLDS, read::holds)?;
    read_method(m, method::QUEUE, read::queue)?;
    read_method(m, method::TIMELINE, read::timeline)?;
    read_method(m, method::WHERE, read::whereabouts)?;
    read_method(m, method::IN_TRANSIT, read::in_transit)
}
