//! The test kit: a shadow model, op programs that shrink, and one contract suite.
