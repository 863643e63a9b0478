"""Every kind of key there is, and one key of each kind."""

from concurrent.futures import ThreadPoolExecutor

RSA = ["RSA_2048", "RSA_3072", "RSA_4096"]
NIST = ["ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521"]
ML_DSA = ["ML_DSA_44", "ML_DSA_65", "ML_DSA_87"]
ML_KEM = ["ML_KEM_512", "ML_KEM_768", "ML_KEM_1024"]
OAEP = ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"]
RSASSA = [f"RSASSA_{scheme}_SHA_{bits}" for scheme in ("PKCS1_V1_5", "PSS") for bits in (256, 384, 512)]

# Algorithms by spec and usage, in the order in which the service lists them.
KINDS = {
    ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"): ["SYMMETRIC_DEFAULT"],
    **{(f"HMAC_{bits}", "GENERATE_VERIFY_MAC"): [f"HMAC_SHA_{bits}"] for bits in (224, 256, 384, 512)},
    **{(spec, "ENCRYPT_DECRYPT"): OAEP for spec in RSA},
    **{(spec, "SIGN_VERIFY"): RSASSA for spec in RSA},
    **{(spec, "SIGN_VERIFY"): [f"ECDSA_SHA_{bits}"] for spec, bits in zip(NIST, (256, 384, 512))},
    **{(spec, "KEY_AGREEMENT"): ["ECDH"] for spec in NIST},
    ("ECC_SECG_P256K1", "SIGN_VERIFY"): ["ECDSA_SHA_256"],
    ("ECC_NIST_EDWARDS25519", "SIGN_VERIFY"): ["ED25519_SHA_512", "ED25519_PH_SHA_512"],
    ("SM2", "ENCRYPT_DECRYPT"): ["SM2PKE"],
    ("SM2", "SIGN_VERIFY"): ["SM2DSA"],
    ("SM2", "KEY_AGREEMENT"): ["ECDH"],
    **{(spec, "SIGN_VERIFY"): ["ML_DSA_SHAKE_256"] for spec in ML_DSA},
    **{(spec, "ENCAPSULATE_DECAPSULATE"): ["ML_KEM"] for spec in ML_KEM},
}
ASYMMETRIC = [kind for kind in KINDS if kind[0] != "SYMMETRIC_DEFAULT" and not kind[0].startswith("HMAC")]
SPECS = list(dict.fromkeys(spec for spec, _ in KINDS))
USAGES = list(dict.fromkeys(usage for _, usage in KINDS))

# Which list of algorithms keys of a usage have, by its name in the responses.
LISTS = {
    "ENCRYPT_DECRYPT": "EncryptionAlgorithms",
    "SIGN_VERIFY": "SigningAlgorithms",
    "GENERATE_VERIFY_MAC": "MacAlgorithms",
    "KEY_AGREEMENT": "KeyAgreementAlgorithms",
    "ENCAPSULATE_DECAPSULATE": "EncapsulationAlgorithms",
}

# The algorithms of each usage, by whatever key offers them.
ALGORITHMS = {
    usage: list(dict.fromkeys(name for kind, names in KINDS.items() if kind[1] == usage for name in names))
    for usage in USAGES
}


def having(usage):
    """Pairs of spec and algorithm for a usage."""
    return [(spec, name) for (spec, other), names in KINDS.items() if other == usage for name in names]


class EveryKey:
    """One key of each kind, made when the first test starts and the slow ones first."""

    def __init__(self, kms):
        self._kms = kms
        self._makers = ThreadPoolExecutor(4)
        slow_first = sorted(KINDS, key=lambda kind: kind[0] in RSA, reverse=True)
        self._made = {kind: self._makers.submit(self._create, *kind) for kind in slow_first}

    def _create(self, spec, usage):
        return self._kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]

    def metadata(self, spec, usage):
        """What CreateKey answered."""
        return self._made[spec, usage].result()

    def id(self, spec, usage):
        return self.metadata(spec, usage)["KeyId"]

    def arn(self, spec, usage):
        return self.metadata(spec, usage)["Arn"]

    def public(self, spec, usage):
        """The public key, in DER."""
        return self._kms.get_public_key(KeyId=self.id(spec, usage))["PublicKey"]

    def close(self):
        self._makers.shutdown(cancel_futures=True)
