//! Every algorithm behind one provider, secret types, and the envelopes of records and ciphertexts.
