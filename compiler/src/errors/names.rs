//! Messages about names.
