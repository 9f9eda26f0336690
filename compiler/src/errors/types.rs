//! Messages about types.
