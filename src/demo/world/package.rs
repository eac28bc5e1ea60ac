//! Packages: what SendSafely puts files in.

use std::sync::Arc;

use fastrand::Rng;

use super::people::pick;
use super::transfers::{Value, text};

/// One package.
#[derive(Debug)]
pub(super) struct Package {
    pub(super) id: Arc<str>,
    pub(super) class: &'static str,
    pub(super) owner: Arc<str>,
    pub(super) files: Vec<(Arc<str>, u64)>,
}

impl Package {
    /// A package with some files in it.
    pub(super) fn new(rng: &mut Rng, owner: Arc<str>, class: &'static str) -> Package {
        let mut part = || -> String {
            (0..4)
                .map(|_| char::from(*rng.choice(LETTERS).unwrap_or(&b'A')))
                .collect()
        };
        let id = format!("{}-{}", part(), part()).into();
        let files = (0..rng.usize(1..5)).map(|_| file(rng)).collect();
        Package {
            id,
            class,
            owner,
            files,
        }
    }

    /// What an entry about it says of it, and of one of its files or of how many there are.
    pub(super) fn details(&self, rng: &mut Rng, action: &str) -> Vec<(&'static str, Value)> {
        let mut details = vec![
            ("packageOwner", Value::Text(self.owner.clone())),
            ("packageId", Value::Text(self.id.clone())),
            ("packageType", text(self.class)),
        ];
        if action == "FINALIZE_PACKAGE" {
            details.push(("fileCount", Value::Number(self.files.len() as u64)));
        } else if let Some((name, size)) = rng.choice(&self.files) {
            details.push(("fileName", Value::Text(name.clone())));
            details.push(("fileSize", Value::Number(*size)));
        }
        details
    }
}

/// What an upload goes into that is no workspace.
pub(super) fn class(rng: &mut Rng) -> &'static str {
    pick(
        &["TRANSFER", "TRANSFER", "TRANSFER", "DROPZONE"],
        rng.usize(..4),
    )
}

/// A file's name and its size in bytes: small ones are common, large ones rare.
fn file(rng: &mut Rng) -> (Arc<str>, u64) {
    let (topic, period) = (
        pick(TOPICS, rng.usize(..1 << 16)),
        pick(PERIODS, rng.usize(..1 << 16)),
    );
    let kind = pick(
        &["pdf", "xlsx", "docx", "zip", "csv", "pptx"],
        rng.usize(..1 << 16),
    );
    let size = 1_u64 << rng.u32(11..30);
    (
        format!("{topic} {period}.{kind}").into(),
        size + rng.u64(..size),
    )
}

const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const TOPICS: &[&str] = &[
    "Board pack",
    "Payroll",
    "Penetration test report",
    "Claims export, final",
    "Master services agreement",
    "Übersicht Lieferanten",
    "Patient list \"anonymised\"",
    "Bank reconciliation",
    "監査報告書",
    "Incident timeline",
    "Customer list",
    "Offer",
];
const PERIODS: &[&str] = &[
    "2026-Q1",
    "2026-Q2",
    "2026-Q3",
    "July 2026",
    "August 2026",
    "September 2026",
    "v2",
    "v3 (signed)",
    "draft",
];
