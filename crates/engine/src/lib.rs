//! The request pipeline and its ports.
