//! What is to be told of a feed that is not well, once each, and that it is well again. Pure: the
//! archive keeps what was told, and the command line does the telling.

/// What may be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// The last run failed.
    Failure,
    /// Stretches were not read that the vendor still has.
    Gap,
    /// The vendor is about to forget what is not archived.
    Loss,
    /// The vendor has forgotten what is not archived.
    Lost,
    /// It has not run to its end for too long.
    Stale,
    /// One of these, lost events aside, is over.
    Recovery,
}

impl Occasion {
    /// All there are.
    pub const ALL: [Occasion; 6] = [
        Occasion::Failure,
        Occasion::Gap,
        Occasion::Loss,
        Occasion::Lost,
        Occasion::Stale,
        Occasion::Recovery,
    ];

    /// In one word, as the config file and the archive have it.
    pub fn name(self) -> &'static str {
        match self {
            Occasion::Failure => "failure",
            Occasion::Gap => "gap",
            Occasion::Loss => "loss",
            Occasion::Lost => "lost",
            Occasion::Stale => "stale",
            Occasion::Recovery => "recovery",
        }
    }

    /// The occasion of that name.
    pub fn find(name: &str) -> Option<Occasion> {
        Occasion::ALL.into_iter().find(|one| one.name() == name)
    }
}
