//! A server on a socket, and a client that does what clients should not do.
