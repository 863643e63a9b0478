//! An in-process Trent and fixtures for tests.
