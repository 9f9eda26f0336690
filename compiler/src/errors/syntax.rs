//! Messages about syntax.
