//! Answers computed with OpenSSL through Python's `cryptography`; the SM2 ones are the examples of
//! GB/T 32918.5, the Ed25519ph one is RFC 8032 §7.3. Hexadecimal unless said otherwise.

/// What is signed and encrypted.
pub(super) const MESSAGE: &[u8] = b"abc";

/// A 2048-bit key in PKCS #8, Base64. It protects nothing.
pub(super) const RSA_KEY: &str = "\
    MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQCk0ag+73/Qx4lNdUoaSyUc0dSasxt2obQnr/1KngdMDI2nDzlh\
    zu+rfoqwpiZuLXknCW+B0uMQK2/Rk42ag//9QvCDCr8B48YZuqaq58cXiZvCiIsD7O8axQz4oK8l/TF1vDk5wChW1/uB5OE6ikEf\
    8huIT3qb0TCNjzC951nB2M5OFB2ErV0AUtKga713eCZ28YkbUfxPuRqaCD7xTgLv6nm8AMoS+pbiQUo2GL4PpBellzI+LAO0i05V\
    cOK5hbKyoaYDJy1ilEcQ5SKy4mc+vNFcjNcitCW9IyeVwWtgU60lcxFwgVvKXHygihKNmyAX6BbZdREq+SJfINqKjhClAgMBAAEC\
    ggEAJxOWIiXCVguY4AZ45Tb/u498KplgX4YDIo21LeW9sSggxYT0g93+MNi1pSAfaGvbl4fDKjKHpyPFRRkIr6OwI6mlQExh8N7B\
    7wOz1D1TlJ8JkNuyqeGY5u3lH2VpYUZgXZucrbaDWeOnO6q6Q5jXy+0o3e6KETtNmaJjWgLp4u1UmzUwdDESW62encOQA0y/sBOW\
    NCtst8q5j/dZfvbh4ci1U1YvY/mFASMoPMmHXa6GvVAOD8l9eivp1wx6ViCXuQ6LYUZXy93Z7OE0AD0KCcxTUMvXUDoXdTo2ANPp\
    sBJGvDHyXJG1AeCfVAvSt9mZpAvkVMr5oSf/DEOfWhqqGQKBgQDZuJAEQ0ZnQD8G+hFrElf3q5hBJFuEOqlohaXGBCp5Hf5yjWOk\
    qLlZvtsZRshz1ivn9cRl2r4kFCi2bqxpvzboP1GLXbKOJtYRxlcZpIBbSLjQ+FbOFnvd1HwVRSCAQdCdFRH8UYjsz39kRekn/SCw\
    49HsB46fZoJmT2cmJos6IwKBgQDBzAVn40zzwsebWmWP3kaWgxCvNKdv0wkmH5K44UUiigMb14f6tRKYqqmN5E/LC3iTIxMY1qKK\
    yDNXPBtG4a1+7nK6mIKb1f6huPTlNtSMbMy5OxGOZrbiud3yy9XlWlo4+2C+aspoQ8InZt4YNSGr5+kVW3N4QbfxNTaQaYOClwKB\
    gE6HKTrAYSZgn9sOWzX5Wc01ESd9y5x35B6VBePUINWqodoDcUs0qBXcpv4I78gIGbICjSIHsckllEGozXsewtkl7W2NEBgBnfiv\
    Rz8yfDFwm2iUCgsvROIP/+lUE5LvKiVeMiyF5BM2DEbIiH4p6J6krVSqrSCFQsdQIG48PL9tAoGBALl7UK024t7nTO5GnbAN2NeT\
    h/N43MxtWnNPgrlKekXte745Eh+FENBnfzKcEzbNutBwoIWEYDueE21pzN2Rf+FdzRcEgvUt4rDceh+r09C3DVY3z7zQWDg2FtSb\
    /ROv32xsRBLb2O/j8j6N+QGIULrckrxrM+AkXi4RdTDQnBrvAoGBANfMG/fuP1MVnvt1ceD1g37Glh6xPX0kI3amL0TmZw5Gu0LJ\
    TdDDu9EczQozvi/FtYjYrln2FMpSFh0YaCGX9+MXyFM884QRAAkVP0WF+xbu7n/nIKEL/DKOv5c1t91zXMQzWy06rULst4j1efD9\
    jvOGvVKzqo20iO72JvglMSwY";

/// SHA-256 of its PKCS #1 v1.5 signature of the message with SHA-256.
pub(super) const RSA_SIGNATURE_SHA256: &str = "\
    fbb109517eab9367bdd6bd9e8c446cee5ee4c10e60526ac3625b42e9b547402c";

/// A PSS signature of the message by the RSA key, SHA-256, salt of 32 bytes, Base64.
pub(super) const RSA_PSS_SIGNATURE: &str = "\
    pB7Iz4WwreQA8lOhYPSTToYZjDhvkEV9hKGNz36pPnZb4OW/T8QiU32D6DLNm+QRQV6s7c6TtKoGVpBtK53wzpLMZTlqtE5aT19f\
    RDkYciM6HACPCfYcUbUQsa3mqZgZ/12+nZWa2gHRvydHG+dmzV1q1l6gqFnCp/MYX5EhtfzfFSmmSR49yj6EzPWo2E9wBXEulOxN\
    9BBtE/F7nDaJVOstZMrTvYoqx8mkcYHDDD6W5Fc36UpJ+1ZW3bQKj8WbuGW5GrbtG3n5x3vI43ypUlmmgDTmX93F+B5ZRXT4oLA+\
    t6Wx9tvW8SZ3JHdyo8br8Nnuh6SERwzLX03xooDjLw==";

/// The message encrypted for the RSA key by OAEP with SHA-1, Base64.
pub(super) const RSA_OAEP_SHA1: &str = "\
    D84dJ0AMakRVp4k/2xZNh297MES7t5Uq0CbCzXiRqsBMriU+tueKuvPdkzQr+ugsRayt3s3wW1VDNSOUltEbDum6MrcPiuzoYVrz\
    5HhrNnBIm1V2t8l4W3xM0D/To8fut/OaTLFda484DHtB/YjbufKQn+kTswNEolBxa08xlK/kYq+pJ1naXMXFfgnNHbcO2RX3q9wc\
    29Mkd017+yJC/Tjs/tkm3f2aoJstWGKfrriCyCQ3oe48kz3HJVL8NdDS3bvwZAT/7t72/TkwjLZlNKKHz9FPCh2qTwqOA/XEAZAz\
    v4EqqZRZQ1c6L4bNXxSndRHgg3cwEO/ZFDkBXL6BVA==";

/// The message encrypted for the RSA key by OAEP with SHA-256, Base64.
pub(super) const RSA_OAEP_SHA256: &str = "\
    cEqDBMNH14OA7etNbxa9yKtZGoVuMCqwZ4t5MSg+kerI8OB7/Pu2YM+NPm7oaph0Bz+JyIc3PiVvXilH6kfTcyXVCfNOLn8nxvje\
    D+B40SFLQAygCtZousOi4mps7mmxnk5tHmKgqKEAsKsrlksaDFpC/JlfoHt15U6OlJUmYr4lrf8/SjQrW+q04fkkL8i+LECo9A9e\
    MAffrUz2dV+A/SP9mKdfRJg+0BUBMMD/wo/IbOLY4FIf3DIu4+6NOu+/EVnvD2Wlo8XtMm2t2E4JRuXOUfaphUnjJSjdZVtoqMQu\
    G94xRVSq4W2+y2l3mcv93IDrKKvlogJSVcK1wLCiMw==";

/// A key in PKCS #8.
pub(super) const P256_KEY: &str = "\
    308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b020101042000251e6341226062209db3ab8959\
    1f2a735bcd16328ce3f9533b9c301f00abf4a1440342000418e887692963bdac4bc97b4c0c8c76db45b287fd5fce3009b8b3\
    a5bf0e7cd606668fa5d6676b93c7b6b2b18280a0152dece3418e3c433f8010850d67c9164830";

/// Its ECDSA signature of the message.
pub(super) const P256_SIGNATURE: &str = "\
    30460221009a5f1ddcd6d4078214526ca714e79ef5d636d7a684df4cba5082675dfe2960ce022100ef5222f43977107a8b24\
    8baac582e4c23b172229a862001ac9c7955f7c1dceb1";

/// The secret it shares with itself.
pub(super) const P256_SHARED: &str = "bbca0ec057e92e5e8728e21f1028754786e1ea30f229ba70fc28db891411f6ba";

/// A key in PKCS #8.
pub(super) const P384_KEY: &str = "\
    3081b6020100301006072a8648ce3d020106052b8104002204819e30819b0201010430000000000000000000000000000000\
    00000088d81eeae5925543614957174c6dd3392acd75e868e08e77a07fc13d96faa16403620004e5dfae3e8afffb72617850\
    da0a71e4304be597a1573def2fd56f53fb7a606335cc8d7bf0eebcb88f1ea5d802a7fbc96651ba8713b6a422c2840508de9e\
    157a8f9d855513cf239e2c90d7293c1c3ad126e8e203007aa30eff250c3a9d56b9015e";

/// Its ECDSA signature of the message.
pub(super) const P384_SIGNATURE: &str = "\
    3066023100a455ca81ebbdd23c553d7f1f1e6b7fdccc2155b331b23c80920274692c3d7159752a33fb1cef145080eee898ac\
    8f979802310096b34f50f2363f2a2be5f45bc4f38a216c4b4aca316c92148913d4a391444f499ebee7f83e9cd9956d914556\
    63207bdf";

/// The secret it shares with itself.
pub(super) const P384_SHARED: &str = "\
    f7b82cc75cb9151e1891b8448bfba0a9b3cc3d609ddfd80b9397b298a6df451978b267ddc5ff839f52bf8cc9cb02bbb0";

/// A key in PKCS #8.
pub(super) const P521_KEY: &str = "\
    3081ee020100301006072a8648ce3d020106052b810400230481d63081d30201010442000000000000000000000000000000\
    0000000000000000000000000000000000000000a2554f1d1c939dfdd697765cce1203cb239dda101c08db38ef8cb7601d5c\
    b2a18189038186000400d364ff598943bba3f424fdc6dbd9e314d7e76d6da2aa6821f242150d64f228dee7c1a8718a1ed878\
    614dc6ebd23f2fb9261d831e0fbd89ad048057a18062808c6301eba75fb2c8a38f9a19bf3330dc0261223a5dfa46dadd7ef0\
    e4256fc072d4b1eb8503ddce5c36d413db8be5eb53389eb5d77e003ed13cc2b1ff7a13a70a64e50c3c";

/// Its ECDSA signature of the message.
pub(super) const P521_SIGNATURE: &str = "\
    308187024200cd3383b228eec1aed313736bf36cddd99f4513f380e057cf3d3d62d7cecd1b10ce04b614ff9251d1c28be728\
    e43b0823aef4281efe77b526fcbde14a6a716ece5d02414ece59367a4d245c55e594f5bd41046450e9d7c290df5252417da4\
    71bc64a820663927abbe65448253f000d05bda0414fd4e1d68daa168b4e443a4c52e8ee11a76";

/// The secret it shares with itself.
pub(super) const P521_SHARED: &str = "\
    01c2feebd37e2ee3f37865e2adcadec28d9a6a5ab79c194ec28c3dacd7fe1362d95cbf01748fbc161a3024106e68cf52dbd9\
    2ee3525d45b7746dba67de51234f957a";

/// A key in PKCS #8.
pub(super) const SECP256K1_KEY: &str = "\
    308184020100301006072a8648ce3d020106052b8104000a046d306b0201010420006d6d8b8f602c3222418ff1d19217ba40\
    2bd597234dba977893e8beec2995cfa1440342000435a3c2053fbb062b4ffd484e7e0325b2bc257b41e871f8b53d97d1672d\
    a188e013c71d348b485d470d218418e027db5f7d2fee92c417458f01e733314f4321be";

/// Its ECDSA signature of the message.
pub(super) const SECP256K1_SIGNATURE: &str = "\
    3046022100959094cda14e4859ee87c3c33f10b2c08e56888b8bccfa2545d9bc82e9120782022100d7085391c7d7692f9e9d\
    720d610b1de6bb2b9a851f6290c4525fe47469be0d08";

/// SHA-256 of the public key of the seed 00 01 … 1f.
pub(super) const ML_DSA_44_PUBLIC: &str = "\
    837832708c5236d951581f1fddf2b79991b3424a0486d16da1ddad0fd69701be";

/// SHA-256 of the public key of the seed 00 01 … 1f.
pub(super) const ML_DSA_65_PUBLIC: &str = "\
    b8b62131bfbe84433efb2273d7f5b87f7a22854a2cfd366fc2aead86d837c52d";

/// SHA-256 of the public key of the seed 00 01 … 1f.
pub(super) const ML_DSA_87_PUBLIC: &str = "\
    07e57c4f14dbad1267f621ec3777b4e2e6c4fbc4c22fbb87510ff8e0b3c6a642";

/// SHA-256 of the public key of the seed 00 01 … 3f.
pub(super) const ML_KEM_768_PUBLIC: &str = "\
    c23e23dd3d485a9256cda09358a4a286e00b373db10761eadf99f710649ca31c";

/// What that key makes of a ciphertext of zeros.
pub(super) const ML_KEM_768_REJECTED: &str = "\
    c8fbeddafdacef2ffeb8b354ea644f11b5c150f3e2c4a74ce38abba8f854ae16";

/// SHA-256 of the public key of the seed 00 01 … 3f.
pub(super) const ML_KEM_1024_PUBLIC: &str = "\
    d2b7480ae006a14b37c1e8a8e45ea39022e32a9b1a7b90d594c84d869c6ac420";

/// What that key makes of a ciphertext of zeros.
pub(super) const ML_KEM_1024_REJECTED: &str = "\
    294cb5b6b0f37a047745a2a69991f66ac85936e1b077e717eaeb26bb0ba42c68";

/// The seed of RFC 8032 §7.3.
pub(super) const ED25519_SEED: &str = "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42";

/// Its public key.
pub(super) const ED25519_PUBLIC: &str = "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf";

/// Its Ed25519ph signature of the message.
pub(super) const ED25519PH_SIGNATURE: &str = "\
    98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae4131f85042463c2a355a2003d062adf5aaa10b\
    8c61e636062aaad11c2a26083406";

/// The private key of GB/T 32918.5 annexes A and C.
pub(super) const SM2_SCALAR: &str = "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8";

/// Its public key.
pub(super) const SM2_POINT: &str = "\
    0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020ccea490ce26775a52dc6ea718cc1aa600a\
    ed05fbf35e084a6632f6072da9ad13";

/// Its signature of `message digest` in annex A.
pub(super) const SM2_SIGNATURE: &str = "\
    3046022100f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3022100b1b6aa29df212fd87631\
    82bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa";

/// The ciphertext of `encryption standard` for it in annex C.
pub(super) const SM2_CIPHERTEXT: &str = "\
    307c022004ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73022100e858f9d81e5430a57b36da\
    ab8f950a3c64e6ee6a63094d99283aff767e124df0042059983c18f809e262923c53aec295d30383b54e39d609d160afcb19\
    08d0bd8766041321886ca989ca9c7d58087307ca93092d651efa";
