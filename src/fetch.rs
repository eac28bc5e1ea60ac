//! One request, until it is answered or given up.
