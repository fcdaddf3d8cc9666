//! `operations` and `codes`: what this release implements, for people and for comparison with the specification.

use super::Ended;
use crate::context::Context;
use crate::error::CliError;
use crate::example::{self, Example};
use crate::output;
use clap::Args;
use landsea_types::Code;
use landsea_types::operation::{OPERATIONS, OperationInfo};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::process::ExitCode;

/// Stands in examples for the JSON of a ticket, which `fingerprint derive --out` writes.
const TICKET: &str = "@ticket.json";

/// How a field is filled that holds a commitment.
const COMMITMENTS: &str = "\nfor a commitment {\"text\": \"...\"} may stand, with `tx build --keep FILE`";

/// Arguments of `operations`.
#[derive(Debug, Args)]
pub(crate) struct OperationsArgs {
    /// Full name of an operation, such as `pledge.create`: show its arguments with an example for `tx build --args`
    name: Option<String>,
    /// Only operations of this part of the specification
    #[arg(long, value_name = "N", conflicts_with = "name")]
    part: Option<u8>,
    /// Only operations of this module, such as `pledge`
    #[arg(long, value_name = "MODULE", conflicts_with = "name")]
    module: Option<String>,
}

/// Lists the implemented operations, or shows one.
pub(crate) fn operations(context: &Context, args: &OperationsArgs) -> Ended {
    match &args.name {
        Some(name) => one(context, name),
        None => list(context, args),
    }
}

fn list(context: &Context, args: &OperationsArgs) -> Ended {
    let wanted = |info: &&OperationInfo| {
        args.part.is_none_or(|part| info.part == part) && args.module.as_deref().is_none_or(|m| info.module == m)
    };
    let chosen: Vec<&OperationInfo> = OPERATIONS.iter().filter(wanted).collect();
    if chosen.is_empty() {
        let modules: BTreeSet<&str> = OPERATIONS.iter().map(|info| info.module).collect();
        let modules = modules.into_iter().collect::<Vec<_>>().join(" ");
        return Err(CliError::usage("there is no such operation")
            .next(format!("The modules are {modules}; parts 1 and 2 are built.")));
    }
    if context.json() {
        output::json_value(&chosen);
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = output::table(&["operation", "number", "part", "caller", "consents"]);
    for info in &chosen {
        let (number, part) = (format!("{:#06x}", info.number), info.part.to_string());
        table.add_row([full_name(info), number, part, info.caller.into(), info.consents.into()]);
    }
    output::print_table(&table);
    output::note(&format!("{} operations; `landsea operations NAME` shows one with an example", chosen.len()));
    Ok(ExitCode::SUCCESS)
}

fn full_name(info: &OperationInfo) -> String {
    format!("{}.{}", info.module, info.operation)
}

fn one(context: &Context, name: &str) -> Ended {
    let info = OPERATIONS.iter().find(|info| full_name(info) == name);
    let (Some(info), Some(example)) = (info, example::of(name)) else {
        let unknown = format!("there is no operation {name:?}");
        return Err(CliError::usage(unknown).next("`landsea operations` lists them by full name."));
    };
    let example = with_ticket_files(example);
    if context.json() {
        output::json_value(&as_json(info, &example));
    } else {
        print_one(info, &example);
    }
    Ok(ExitCode::SUCCESS)
}

/// A ticket is long and never written by hand: a file stands for it.
fn with_ticket_files(mut example: Example) -> Example {
    shorten(&mut example.args);
    example.others.iter_mut().for_each(|other| shorten(&mut other.value));
    for field in &mut example.fields {
        if let Some(end) = field.path.find("ticket.").map(|start| start + "ticket".len()) {
            field.path.truncate(end);
            field.holds = "derive ticket; \"@FILE\" stands for the file that `fingerprint derive --out` wrote".into();
            field.optional = false;
        }
    }
    example.fields.dedup_by(|a, b| a.path == b.path);
    example
}

fn shorten(value: &mut Value) {
    match value {
        Value::Object(map) => map.iter_mut().for_each(|(name, inner)| match name.as_str() {
            "ticket" => *inner = json!(TICKET),
            _ => shorten(inner),
        }),
        Value::Array(list) => list.iter_mut().for_each(shorten),
        _ => {}
    }
}

fn as_json(info: &OperationInfo, example: &Example) -> Value {
    let fields = example.fields.iter();
    let fields: Vec<Value> =
        fields.map(|f| json!({"field": f.path, "holds": f.holds, "optional": f.optional})).collect();
    let others: Vec<Value> = example.others.iter().map(|o| json!({"field": o.path, "form": o.value})).collect();
    let mut whole = Map::new();
    if let Value::Object(info) = json!(info) {
        whole.extend(info);
    }
    whole.insert("fields".into(), json!(fields));
    whole.insert("example".into(), example.args.clone());
    whole.insert("other_forms".into(), json!(others));
    Value::Object(whole)
}

fn print_one(info: &OperationInfo, example: &Example) {
    output::line(format!("{}  {:#06x}  part {}", full_name(info), info.number, info.part));
    output::line(info.summary);
    output::line(format!("caller    {}", info.caller));
    output::line(format!("consents  {}", if info.consents.is_empty() { "none" } else { info.consents }));
    output::line("");
    let mut table = output::table(&["field", "", "holds"]);
    for field in &example.fields {
        let optional = if field.optional { "or null" } else { "" };
        table.add_row([field.path.as_str(), optional, field.holds.as_str()]);
    }
    output::print_table(&table);
    output::line(COMMITMENTS);
    output::line("\nexample for `landsea tx build --args FILE`:");
    output::json_value(&example.args);
    for other in &example.others {
        output::line(format!("{} may also be {}", other.path, other.value));
    }
}

/// Lists the outcome codes.
pub(crate) fn codes(context: &Context) -> Ended {
    if context.json() {
        let rows: Vec<Value> =
            Code::ALL.iter().map(|c| json!({"code": c.number(), "name": c.name(), "meaning": c.meaning()})).collect();
        output::json_value(&rows);
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = output::table(&["code", "name", "meaning"]);
    for code in Code::ALL {
        table.add_row([code.number().to_string(), code.name().to_owned(), code.meaning().to_owned()]);
    }
    output::print_table(&table);
    Ok(ExitCode::SUCCESS)
}
