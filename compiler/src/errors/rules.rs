//! Messages about rules.
