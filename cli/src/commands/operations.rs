//! `operations` and `codes`: what this release implements, for people and for comparison with the specification.

use super::Ended;
use crate::context::Context;
use crate::output;
use landsea_types::Code;
use landsea_types::operation::OPERATIONS;
use serde_json::{Value, json};
use std::process::ExitCode;

/// Lists the implemented operations.
pub(crate) fn operations(context: &Context) -> Ended {
    if context.json() {
        output::json_value(&OPERATIONS);
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = output::table(&["operation", "number", "caller", "consents"]);
    for info in OPERATIONS {
        let name = format!("{}.{}", info.module, info.operation);
        table.add_row([name, format!("{:#06x}", info.number), info.caller.into(), info.consents.into()]);
    }
    output::print_table(&table);
    Ok(ExitCode::SUCCESS)
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
