//! HTTP, TLS, configuration and wiring: the binary trent.
