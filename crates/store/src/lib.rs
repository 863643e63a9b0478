//! The memory and embedded stores behind the store port.
