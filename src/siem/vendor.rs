//! How other systems call the vendors: `vendors.csv`.

use std::sync::OnceLock;

use serde::Deserialize;

use super::rule;
use crate::event::Archived;

/// A vendor and the product whose log it is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Vendor {
    of: String,
    /// `SAFE Security`
    pub(super) vendor: String,
    /// `SAFE`
    pub(super) product: String,
}

impl Vendor {
    pub(super) fn of(event: &Archived) -> Vendor {
        static VENDORS: OnceLock<Vec<Vendor>> = OnceLock::new();
        let vendors = VENDORS.get_or_init(|| rule::lines(include_str!("vendors.csv")));
        let found = vendors.iter().find(|vendor| rule::is_of(&vendor.of, event));
        found.cloned().unwrap_or_else(|| Vendor {
            of: String::new(),
            vendor: event.kind.clone(),
            product: event.kind.clone(),
        })
    }
}
