//! SQL over the archive: saved, from a file or typed.
