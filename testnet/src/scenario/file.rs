//! Reading a scenario file: every error says where it stands, what is wrong and what is allowed.

mod checks;
mod documents;
mod expect;
#[cfg(test)]
mod page_tests;
pub(crate) mod queries;
pub(crate) mod steps;
#[cfg(test)]
mod tests;

use super::source::{FileError, Source};
use super::step::Step;
use super::values::When;
use crate::commands::parameter;
use crate::members::members;
use crate::network::seed::{FEATURES, GenesisChanges, Grant, feature_number};
use landsea_client::LotInput;
use landsea_types::fingerprint::party_raw;
use landsea_types::role::{LicenceKind, Role};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

/// A table of the file.
type Table<'t> = Spanned<DeTable<'t>>;
/// A value of the file.
type Node<'t> = Spanned<DeValue<'t>>;

/// A checked scenario.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Name for people.
    pub name: String,
    /// What it shows.
    pub description: String,
    /// The network it wants.
    pub network: NetworkSpec,
    /// Firms by tag.
    pub cast: BTreeMap<String, CastMember>,
    /// Documents by name.
    pub documents: BTreeMap<String, DocumentSpec>,
    /// Steps in the order of the file.
    pub steps: Vec<Step>,
}

/// The network a scenario wants.
#[derive(Clone, Debug, Default)]
pub struct NetworkSpec {
    /// How many validators, when it matters.
    pub validators: Option<usize>,
    /// What differs from the default genesis.
    pub changes: GenesisChanges,
}

/// A firm.
#[derive(Clone, Debug)]
pub struct CastMember {
    /// Its name.
    pub name: String,
    /// What it is; none for somebody outside the ledger.
    pub roles: Vec<Role>,
    /// USCC or LEI; `None` only outside the ledger.
    pub code: Option<String>,
    /// Code of its home branch.
    pub home: Option<String>,
    /// Independence group.
    pub group: Option<String>,
    /// What its home branch licenses.
    pub licences: Vec<LicenceSpec>,
    /// Whether the runner onboards it before the first step.
    pub onboard: bool,
}

/// A licence to be granted.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LicenceSpec {
    /// For what.
    pub kind: LicenceKind,
    /// Code of the site.
    pub site: String,
    /// From when; now when absent.
    #[serde(default)]
    pub from: Option<When>,
    /// Until when; ten years when absent.
    #[serde(default)]
    pub until: Option<When>,
}

/// A document with its lots.
#[derive(Clone, Debug)]
pub struct DocumentSpec {
    /// The fields of the paper.
    pub fields: Map<String, Value>,
    /// How its goods are divided; one lot when empty.
    pub lots: Vec<LotInput>,
}

/// Reads and checks a scenario.
///
/// # Errors
/// Everything that is wrong with it, in the order of the file.
pub fn parse(source: &Source) -> Result<Scenario, Vec<FileError>> {
    let root = DeTable::parse(&source.text).map_err(|e| vec![source.toml_error(&e, 0..0)])?;
    let mut reader = Reader { source, errors: Vec::new() };
    let scenario = reader.scenario(root);
    reader.errors.sort_by_key(|e| (e.line, e.column));
    match scenario {
        Some(scenario) if reader.errors.is_empty() => Ok(scenario),
        _ => Err(reader.errors),
    }
}

/// Collects errors while reading.
struct Reader<'s> {
    source: &'s Source,
    errors: Vec<FileError>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    name: String,
    #[serde(default)]
    description: String,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct NetworkInput {
    validators: Option<Spanned<usize>>,
    parameters: BTreeMap<Spanned<String>, Spanned<u64>>,
    grants: Vec<GrantInput>,
    denied: Vec<GrantInput>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GrantInput {
    feature: Spanned<String>,
    members: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CastInput {
    name: String,
    #[serde(default)]
    roles: Vec<Spanned<Role>>,
    #[serde(default)]
    id: Option<Spanned<String>>,
    #[serde(default)]
    home: Option<Spanned<String>>,
    #[serde(default)]
    group: Option<String>,
    #[serde(default)]
    site: Option<String>,
    #[serde(default)]
    supervises: Vec<String>,
    #[serde(default)]
    licences: Vec<LicenceSpec>,
    #[serde(default = "yes")]
    onboard: bool,
}

fn yes() -> bool {
    true
}

const SECTIONS: &str = "name, description, [network], [cast.TAG], [documents.NAME] and [[step]]";

impl Reader<'_> {
    fn fail(&mut self, span: Range<usize>, problem: impl Into<String>) {
        self.errors.push(self.source.error(span, problem));
    }

    /// Reads a value as a type, noting an error.
    fn read<T: DeserializeOwned>(&mut self, node: Node<'_>) -> Option<T> {
        let span = node.span();
        match T::deserialize(ValueDeserializer::from(node)) {
            Ok(value) => Some(value),
            Err(error) => {
                self.errors.push(self.source.toml_error(&error, span));
                None
            }
        }
    }

    fn read_table<T: DeserializeOwned>(&mut self, table: DeTable<'_>, span: Range<usize>) -> Option<T> {
        self.read(Spanned::new(span, DeValue::Table(table)))
    }

    fn scenario(&mut self, root: Table<'_>) -> Option<Scenario> {
        let span = root.span();
        let mut root = root.into_inner();
        let network = root.remove("network").and_then(|n| self.network(n));
        let cast = self.named(root.remove("cast"), Self::cast_member);
        let documents = self.documents(root.remove("documents"));
        let steps = self.steps(root.remove("step"));
        if let Some((key, _)) = root.iter().find(|(k, _)| !matches!(k.get_ref().as_ref(), "name" | "description")) {
            let problem = format!("unknown key `{}`; a scenario has {SECTIONS}", key.get_ref());
            self.fail(key.span(), problem);
            return None;
        }
        let head: Head = self.read_table(root, span)?;
        let scenario = Scenario {
            name: head.name,
            description: head.description,
            network: network.unwrap_or_default(),
            cast,
            documents,
            steps: Vec::new(),
        };
        self.complete(scenario, steps)
    }

    /// Reads a table of named things.
    fn named<T>(
        &mut self,
        node: Option<Node<'_>>,
        one: fn(&mut Self, &str, Range<usize>, Node<'_>) -> Option<T>,
    ) -> BTreeMap<String, T> {
        let Some(node) = node else { return BTreeMap::new() };
        let span = node.span();
        let DeValue::Table(table) = node.into_inner() else {
            self.fail(span, "expected a table of named entries");
            return BTreeMap::new();
        };
        let mut all = BTreeMap::new();
        for (key, value) in table {
            if let Some(read) = one(self, key.get_ref(), key.span(), value) {
                all.insert(key.into_inner().into_owned(), read);
            }
        }
        all
    }

    fn network(&mut self, node: Node<'_>) -> Option<NetworkSpec> {
        let input: NetworkInput = self.read(node)?;
        let mut spec = NetworkSpec::default();
        if let Some(wanted) = input.validators {
            if !(4..=landsea_types::bounds::MEMBERS_MAX).contains(wanted.get_ref()) {
                self.fail(wanted.span(), "a network has 4 to 64 validators");
            }
            spec.validators = Some(wanted.into_inner());
        }
        for (name, value) in input.parameters {
            self.parameter(&name, &value, &mut spec.changes);
        }
        spec.changes.granted = self.grants(input.grants);
        spec.changes.denied = self.grants(input.denied);
        Some(spec)
    }

    fn parameter(&mut self, name: &Spanned<String>, value: &Spanned<u64>, changes: &mut GenesisChanges) {
        let Some(key) = parameter(name.get_ref()) else {
            let names: Vec<&str> = landsea_types::genesis::ParamKey::all().map(|k| k.name()).collect();
            return self
                .fail(name.span(), format!("unknown parameter `{}`; there are {}", name.get_ref(), names.join(", ")));
        };
        if let Err(problem) = key.check(*value.get_ref()) {
            self.fail(value.span(), format!("{key}: {problem}"));
        }
        changes.parameters.insert(key, *value.get_ref());
    }

    fn grants(&mut self, inputs: Vec<GrantInput>) -> Vec<Grant> {
        inputs.into_iter().flat_map(|input| self.grant(input)).collect()
    }

    fn grant(&mut self, input: GrantInput) -> Vec<Grant> {
        let Some(feature) = feature_number(input.feature.get_ref()) else {
            let names: Vec<&str> = FEATURES.iter().map(|(name, _)| *name).collect();
            let problem = format!("unknown feature `{}`; there are {}", input.feature.get_ref(), names.join(", "));
            self.fail(input.feature.span(), problem);
            return Vec::new();
        };
        let mut all = Vec::new();
        for member in input.members {
            if member.get_ref() == "*" {
                all.extend(members(15).into_iter().map(|m| Grant { feature, member: m.code }));
            } else if self.check_member(&member) {
                all.push(Grant { feature, member: member.into_inner() });
            }
        }
        all
    }

    /// Whether a text is a member's code.
    fn check_member(&mut self, code: &Spanned<String>) -> bool {
        let known = is_member(code.get_ref());
        if !known {
            let codes: Vec<String> = members(15).into_iter().map(|m| m.code).collect();
            let problem =
                format!("unknown member `{}`; there are {}, then m16, m17, ...", code.get_ref(), codes.join(" "));
            self.fail(code.span(), problem);
        }
        known
    }

    fn cast_member(&mut self, tag: &str, span: Range<usize>, node: Node<'_>) -> Option<CastMember> {
        if is_member(tag) {
            self.fail(span.clone(), format!("`{tag}` is the code of a branch; give the firm another tag"));
        }
        let input: CastInput = self.read(node)?;
        if let Some(branch) = input.roles.iter().find(|r| *r.get_ref() == Role::Branch) {
            self.fail(branch.span(), "branches come from the genesis; use a member's code as the actor");
        }
        self.check_identity(&input, span);
        let mut licences = input.licences;
        let site = |kind, site: String| LicenceSpec { kind, site, from: None, until: None };
        licences.extend(input.site.map(|code| site(LicenceKind::WarehouseSite, code)));
        licences.extend(input.supervises.into_iter().map(|code| site(LicenceKind::Supervision, code)));
        Some(CastMember {
            name: input.name,
            roles: input.roles.into_iter().map(Spanned::into_inner).collect(),
            code: input.id.map(Spanned::into_inner),
            home: input.home.map(Spanned::into_inner),
            group: input.group,
            licences,
            onboard: input.onboard,
        })
    }

    /// A firm with roles needs a code and a home; whoever has none is outside the ledger.
    fn check_identity(&mut self, input: &CastInput, span: Range<usize>) {
        if !input.roles.is_empty() && (input.id.is_none() || input.home.is_none()) {
            self.fail(span, "a firm with roles needs `id` (USCC or LEI) and `home` (a member's code)");
        }
        if let Some(Err(error)) = input.id.as_ref().map(|id| party_raw(id.get_ref()).map(|_| ())) {
            let at = input.id.as_ref().map(Spanned::span).unwrap_or_default();
            self.fail(at, format!("not a USCC or LEI: {error}"));
        }
        if let Some(home) = &input.home {
            self.check_member(home);
        }
    }
}

/// Whether a text is a member's code in some network.
pub(super) fn is_member(code: &str) -> bool {
    members(landsea_types::bounds::MEMBERS_MAX).iter().any(|m| m.code == code)
}
