//! The IAM policy language: parse, compile, evaluate, explain.
