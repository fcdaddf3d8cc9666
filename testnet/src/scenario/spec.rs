//! An operation as a scenario writes it: the ledger's own arguments, with names in place of ids.
//!
//! No operation is described here. Its arguments are read through the very type that the ledger executes ([`drive`]): that type says
//! which fields there are and what may be absent. A table ([`rules`]) says what stands for a field of a certain name: a document's
//! name for a `doc`, a text for a commitment, `"+24h"` for a time. What only a running network can tell is a [`Need`]:
//!
//! 1. reading the file, the arguments are driven once with samples in place of what is needed; that finds every mistake of form;
//! 2. playing, each need is answered in order (`play/supply.rs`), and the arguments are driven again with the answers.

mod drive;
mod need;
mod rules;
#[cfg(test)]
mod tests;

pub use need::{Kind, Need, TicketWish};
pub(crate) use need::{Place, text_or_list};

use super::args::Names;
use drive::Drive;
use landsea_types::Operation;
use landsea_types::operation::OPERATIONS;
use serde_json::Value;

/// An operation with its arguments as they are written, found to be well formed.
#[derive(Clone, Debug)]
pub struct Spec {
    name: String,
    args: Value,
}

/// What is wrong with arguments, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Keys and positions from the arguments' table down; `None` while it is not known.
    pub path: Option<Vec<String>>,
    /// Whether the key is wrong, not its value.
    pub is_key: bool,
    /// What is wrong, and what is allowed.
    pub text: String,
}

/// A name used in arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// What it names.
    pub names: Names,
    /// The name.
    pub name: String,
    /// Where it stands.
    pub path: Vec<String>,
}

impl Spec {
    /// Every operation's name.
    pub fn names() -> impl Iterator<Item = String> {
        OPERATIONS.iter().map(|info| format!("{}.{}", info.module, info.operation))
    }

    /// Reads the arguments of an operation, with the names that they use.
    ///
    /// # Errors
    /// Where an argument is unknown, missing or ill-typed. `None` for an unknown operation.
    pub fn read(name: &str, args: Value) -> Option<Result<(Self, Vec<Named>), Problem>> {
        if !Self::names().any(|known| known == name) {
            return None;
        }
        let spec = Self { name: name.into(), args };
        let drive = Drive::asking();
        let named = drive.operation(&spec.name, &spec.args).map(|_| drive.into_named());
        Some(named.map(|named| (spec, named)))
    }

    /// The operation's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What must be known to build the operation, in the order in which [`Spec::fill`] takes the answers.
    ///
    /// # Errors
    /// None for a specification that was read.
    pub fn needs(&self) -> Result<Vec<Need>, Problem> {
        let drive = Drive::asking();
        drive.operation(&self.name, &self.args)?;
        Ok(drive.into_needs())
    }

    /// Builds the operation from the answers to its needs.
    ///
    /// # Errors
    /// When an answer is not of its field's type.
    pub fn fill(&self, answers: Vec<Value>) -> Result<Operation, Problem> {
        Drive::filling(answers).operation(&self.name, &self.args)
    }
}
