//! The time of a source, all of its feeds taken together.

use crate::coverage::{Section, Standing, worst};
use crate::event::{Period, Timestamp};

/// How the time of a source's feeds stands, taken together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Joint {
    vendor: Vec<Vec<Section>>,
    /// What the user vouches for: it counts where no other feed knows anything.
    files: Vec<Section>,
}

/// A part of a period, and how it stands; none where nothing is known.
pub type Part = (Period, Option<Standing>);

impl Joint {
    /// Of the sections of each of the vendor's feeds, and of those of files.
    pub fn new(vendor: Vec<Vec<Section>>, files: Vec<Section>) -> Joint {
        Joint { vendor, files }
    }

    /// From when on anything is known.
    pub fn begin(&self) -> Option<Timestamp> {
        self.all().map(|period| period.from).min()
    }

    /// The parts of a period, in order and without a hole; neighbours stand differently.
    pub fn parts(&self, period: Period) -> Vec<Part> {
        let bounds = self.all().flat_map(|period| [period.from, period.to]);
        let within = bounds.filter(|bound| period.from < *bound && *bound < period.to);
        let mut bounds: Vec<Timestamp> = within.chain([period.from, period.to]).collect();
        bounds.sort_unstable();
        let mut parts: Vec<Part> = Vec::new();
        for (from, to) in bounds.iter().zip(bounds.iter().skip(1)) {
            let (from, to) = (*from, *to);
            let standing = self.standing(Period { from, to });
            match parts.last_mut() {
                Some((last, alike)) if *alike == standing => last.to = to,
                _ => parts.push((Period { from, to }, standing)),
            }
        }
        parts.retain(|(period, _)| !period.is_empty());
        parts
    }

    fn all(&self) -> impl Iterator<Item = Period> {
        let all = self.vendor.iter().flatten().chain(&self.files);
        all.map(|section| section.period)
    }

    /// How a period stands in which nothing changes: as with the worst of the vendor's feeds.
    fn standing(&self, period: Period) -> Option<Standing> {
        let vendor = self.vendor.iter();
        let worst_of_all = vendor.filter_map(|sections| worst(sections, period)).max();
        worst_of_all.or_else(|| worst(&self.files, period))
    }
}
