//! `[documents.NAME]`: the fields of real papers, from a file, from another document, or written out.

use super::{DocumentSpec, Node, Reader};
use crate::scenario::values::json_of;
use landsea_client::{LotInput, Paper};
use landsea_types::fingerprint::DocumentInput;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A document before `extends` is followed.
struct Draft {
    span: Range<usize>,
    extends: Option<Spanned<String>>,
    fields: Map<String, Value>,
    /// Where each field stands.
    places: BTreeMap<String, Range<usize>>,
    remove: Vec<Spanned<String>>,
    lots: Option<Vec<LotInput>>,
}

impl Reader<'_> {
    pub(super) fn documents(&mut self, node: Option<Node<'_>>) -> BTreeMap<String, DocumentSpec> {
        let drafts = self.named(node, Self::draft);
        let mut done = BTreeMap::new();
        for (name, draft) in &drafts {
            if let Some((fields, lots)) = self.follow(name, &drafts, &mut Vec::new()) {
                self.check_paper(draft, &fields, &lots);
                done.insert(name.clone(), DocumentSpec { fields, lots });
            }
        }
        done
    }

    fn draft(&mut self, name: &str, span: Range<usize>, node: Node<'_>) -> Option<Draft> {
        let DeValue::Table(mut table) = node.into_inner() else {
            self.fail(span, format!("document `{name}`: expected a table"));
            return None;
        };
        let extends = table.remove("extends").and_then(|v| self.read::<Spanned<String>>(v));
        let remove = table.remove("remove").and_then(|v| self.read(v)).unwrap_or_default();
        let lots = table.remove("lots").and_then(|v| self.read::<Vec<LotInput>>(v));
        let file = table.remove("file").and_then(|v| self.read::<Spanned<String>>(v));
        let mut fields = file.map(|f| self.document_file(&f)).unwrap_or_default();
        let mut places = BTreeMap::new();
        self.own_fields(table, &mut fields, &mut places);
        Some(Draft { span, extends, fields, places, remove, lots })
    }

    fn own_fields(
        &mut self,
        table: DeTable<'_>,
        fields: &mut Map<String, Value>,
        places: &mut BTreeMap<String, Range<usize>>,
    ) {
        for (key, value) in &table {
            let name = key.get_ref().to_string();
            match json_of(value.get_ref()) {
                Ok(read) => {
                    places.insert(name.clone(), key.span());
                    fields.insert(name, read);
                }
                Err(problem) => self.fail(value.span(), format!("`{name}`: {problem}")),
            }
        }
    }

    fn document_file(&mut self, name: &Spanned<String>) -> Map<String, Value> {
        let read = self.source.files.read(name.get_ref());
        let parsed = read.and_then(|text| serde_json::from_str(&text).map_err(|e| format!("{}: {e}", name.get_ref())));
        parsed.unwrap_or_else(|problem| {
            self.fail(name.span(), problem);
            Map::new()
        })
    }

    /// The fields of a document after everything it extends.
    fn follow(
        &mut self,
        name: &str,
        drafts: &BTreeMap<String, Draft>,
        seen: &mut Vec<String>,
    ) -> Option<(Map<String, Value>, Vec<LotInput>)> {
        let draft = drafts.get(name)?;
        seen.push(name.to_owned());
        let (mut fields, mut lots) = match &draft.extends {
            None => (Map::new(), Vec::new()),
            Some(base) if seen.contains(base.get_ref()) => {
                self.fail(base.span(), format!("`{name}` extends itself by way of {}", seen.join(", ")));
                return None;
            }
            Some(base) if !drafts.contains_key(base.get_ref()) => {
                let names: Vec<&str> = drafts.keys().map(String::as_str).collect();
                self.fail(base.span(), format!("no document `{}`; there are {}", base.get_ref(), names.join(", ")));
                return None;
            }
            Some(base) => self.follow(base.get_ref(), drafts, seen)?,
        };
        for field in &draft.remove {
            if fields.remove(field.get_ref()).is_none() {
                self.fail(field.span(), format!("the document has no field `{}` to remove", field.get_ref()));
            }
        }
        fields.extend(draft.fields.clone());
        if let Some(own) = &draft.lots {
            lots.clone_from(own);
        }
        Some((fields, lots))
    }

    /// The fields must give fingerprints, and the lots must hold goods of the document.
    fn check_paper(&mut self, draft: &Draft, fields: &Map<String, Value>, lots: &[LotInput]) {
        let text = Value::Object(fields.clone()).to_string();
        let paper = DocumentInput::from_json(&text).map_err(Into::into).and_then(Paper::new);
        let problem = match paper {
            Ok(paper) => check_lots(&paper, lots).err(),
            Err(error) => Some(error.to_string()),
        };
        if let Some(problem) = problem {
            let named = draft.places.iter().find(|(field, _)| problem.contains(&format!("`{field}`")));
            let place = named.map_or(draft.span.clone(), |(_, place)| place.clone());
            self.fail(place, problem);
        }
    }
}

/// The lots name goods of the document: tried with a ticket that stands for the branch's.
fn check_lots(paper: &Paper, lots: &[LotInput]) -> Result<(), String> {
    if lots.is_empty() {
        return Ok(());
    }
    paper.lots(lots, &super::checks::sample_ticket(paper)).map(|_| ()).map_err(|e| e.to_string())
}
