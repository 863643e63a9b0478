//! Signature Version 4: canonical request, key derivation, verification.
