//! The one loop that joins feeds, fetch and archive.
