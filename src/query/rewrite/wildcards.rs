//! Writes out the columns that `*` stands for, so that the coded view's own are not among them.

use sqlparser::tokenizer::Token;

use super::relations::Relation;
use super::{Edits, quoted};
use crate::query::text::{Core, Text};

pub(super) fn rewrite(text: &Text<'_>, core: &Core, relations: &[Relation], edits: &mut Edits) {
    for item in text.list(&core.projection) {
        if !matches!(text.token(item.end.wrapping_sub(1)), Token::Mul) {
            continue;
        }
        let columns: Vec<String> = relations
            .iter()
            .filter(|one| item.len() == 1 || one.is_named(text.name(item.start)))
            .flat_map(columns)
            .collect();
        edits.replace(text.bytes(&item), columns.join(", "));
    }
}

fn columns(relation: &Relation) -> Vec<String> {
    let alias = quoted(&relation.alias);
    match relation.view {
        Some(view) => {
            let columns = view.columns.iter();
            columns.map(|column| format!("{alias}.{column}")).collect()
        }
        None => vec![format!("{alias}.*")],
    }
}
