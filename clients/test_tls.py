"""TLS as clients meet it."""

import http.client
import json
import signal
import socket
import ssl

import boto3
import pytest
from botocore.exceptions import SSLError
from cryptography import x509

from certificates import Authority, key_pem, pem
from trent import Trent, eventually
from wire import signed_headers


@pytest.fixture(scope="module")
def tls(tmp_path_factory):
    """A server with a certificate of its own authority."""
    names = ["--tls-name", "kms.example.com", "--tls-name", "192.0.2.9"]
    server = Trent(tmp_path_factory.mktemp("tls") / "data", "--tls-auto", *names).start()
    yield server
    assert server.stop() == 0


def trusting(server):
    """The settings of a client that verifies, and trusts what `trent env` says."""
    return ssl.create_default_context(cafile=server.env()["AWS_CA_BUNDLE"])


def limited(server, version, ciphers=None):
    """As above, for one version of TLS, and with everything allowed that the library still can."""
    context = trusting(server)
    context.set_ciphers(f"{ciphers or 'ALL'}:@SECLEVEL=0")
    context.minimum_version = version
    context.maximum_version = version
    return context


def shake_hands(server, context, name=None):
    host, port = server.listen_address().rsplit(":", 1)
    connection = socket.create_connection((host, int(port)), timeout=20)
    try:
        return context.wrap_socket(connection, server_hostname=name or host)
    except BaseException:
        connection.close()
        raise


def served(server):
    """The serial number of the certificate that a new connection gets."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with shake_hands(server, context) as connection:
        return x509.load_der_x509_certificate(connection.getpeercert(binary_form=True)).serial_number


def use(kms):
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    blob = kms.encrypt(KeyId=key, Plaintext=b"attack at dawn")["CiphertextBlob"]
    return kms.decrypt(CiphertextBlob=blob)["Plaintext"]


def test_boto3_verifies_with_what_trent_env_says(tls, monkeypatch):
    for name, value in tls.env().items():
        monkeypatch.setenv(name, value)
    assert tls.env()["AWS_ENDPOINT_URL_KMS"].startswith("https://127.0.0.1:")
    assert use(boto3.session.Session().client("kms")) == b"attack at dawn"
    monkeypatch.delenv("AWS_CA_BUNDLE")
    with pytest.raises(SSLError, match="CERTIFICATE_VERIFY_FAILED"):
        boto3.session.Session().client("kms").list_keys()


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_tls_1_2_and_1_3_are_spoken(tls, version):
    with shake_hands(tls, limited(tls, ssl.TLSVersion[version])) as connection:
        assert connection.version() == version.replace("_", ".")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("version", ["TLSv1", "TLSv1_1"])
def test_older_versions_are_refused(tls, version):
    with pytest.raises(ssl.SSLError, match="ALERT_(PROTOCOL_VERSION|HANDSHAKE_FAILURE)"):
        shake_hands(tls, limited(tls, ssl.TLSVersion[version]))


@pytest.mark.parametrize(
    "ciphers",
    [
        "AES128-GCM-SHA256:AES256-GCM-SHA384:AES128-SHA:AES256-SHA256",
        "DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA384:ECDHE-RSA-AES128-SHA",
        "ADH-AES128-GCM-SHA256:AECDH-AES128-SHA",
    ],
    ids=["no forward secrecy", "finite fields", "CBC", "anonymous"],
)
def test_weak_suites_are_refused(tls, ciphers):
    with pytest.raises(ssl.SSLError, match="ALERT_HANDSHAKE_FAILURE"):
        shake_hands(tls, limited(tls, ssl.TLSVersion.TLSv1_2, ciphers))


def test_http_1_1_is_agreed_on(tls):
    for offered, expected in ((["h2", "http/1.1"], "http/1.1"), (["http/1.1"], "http/1.1"), ([], None)):
        context = trusting(tls)
        if offered:
            context.set_alpn_protocols(offered)
        with shake_hands(tls, context) as connection:
            assert connection.selected_alpn_protocol() == expected
    context = trusting(tls)
    context.set_alpn_protocols(["h2"])
    with pytest.raises(ssl.SSLError, match="(?i)alert.no.application.protocol"):
        shake_hands(tls, context)


def test_the_certificate_has_the_names_it_should(tls):
    for name in ("127.0.0.1", "::1", "localhost", socket.gethostname().lower(), "kms.example.com", "192.0.2.9"):
        shake_hands(tls, trusting(tls), name).close()
    for name in ("kms.example.org", "192.0.2.10", "a.kms.example.com"):
        with pytest.raises(ssl.SSLCertVerificationError):
            shake_hands(tls, trusting(tls), name)


def test_plain_http_gets_no_answer(tls):
    connection = http.client.HTTPConnection(tls.listen_address(), timeout=20)
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        connection.request("GET", "/livez")
        connection.getresponse()
    connection.close()


def test_a_restart_keeps_the_authority(start):
    server = start("--tls-auto")
    trusted = trusting(server)
    before = served(server)
    server.restart()
    shake_hands(server, trusted).close()
    assert served(server) != before


@pytest.mark.parametrize(
    ("version", "ciphers", "expected"),
    [
        ("TLSv1_2", "ECDHE-ECDSA-AES128-GCM-SHA256", ("TLSv1.2", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256")),
        ("TLSv1_3", None, ("TLSv1.3", "TLS_AES_256_GCM_SHA384")),
    ],
)
def test_the_audit_record_tells_of_the_connection(tls, version, ciphers, expected):
    context = limited(tls, ssl.TLSVersion[version], ciphers)
    connection = http.client.HTTPSConnection(tls.listen_address(), timeout=20, context=context)
    connection.request("POST", "/", b"{}", signed_headers(tls, b"{}", target="TrentService.ListKeys"))
    answer = connection.getresponse()
    assert answer.status == 200 and "Keys" in json.loads(answer.read())
    connection.close()
    request_id = answer.headers["x-amzn-requestid"]
    [record] = [record for record in tls.records() if record.get("requestID") == request_id]
    details = record["tlsDetails"]
    assert (details["tlsVersion"], details["cipherSuite"]) == expected
    assert details["clientProvidedHostHeader"] == tls.listen_address()
    assert details["keyExchange"]


def test_without_tls_the_record_has_no_such_details(trent, kms):
    request_id = kms.list_keys()["ResponseMetadata"]["RequestId"]
    [record] = [record for record in trent.records() if record.get("requestID") == request_id]
    assert "tlsDetails" not in record


class Own:
    """A certificate of an operator's own, in files that can be replaced."""

    def __init__(self, directory):
        self.authority = Authority()
        self.cert, self.key, self.ca = (directory / name for name in ("cert.pem", "key.pem", "root.pem"))
        self.ca.write_bytes(pem(self.authority.certificate))
        self.flags = ["--tls-cert", self.cert, "--tls-key", self.key, "--tls-ca", self.ca]
        self.replace()

    def replace(self, fitting=True):
        """Writes a new certificate, with its key or with another; answers its serial number."""
        certificate, key = self.authority.issue("localhost", "127.0.0.1")
        self.cert.write_bytes(pem(certificate) + pem(self.authority.certificate))
        self.key.write_bytes(key_pem(key if fitting else Authority().key))
        return certificate.serial_number


def test_an_own_certificate_is_served_and_replaced_on_sighup(start, tmp_path):
    own = Own(tmp_path)
    server = start(*own.flags)
    assert server.env()["AWS_CA_BUNDLE"] == str(own.ca)
    kms = server.client()
    assert use(kms) == b"attack at dawn"
    with shake_hands(server, trusting(server)) as old_connection:
        new = own.replace()
        server.process.send_signal(signal.SIGHUP)
        # Sooner than the files are looked at without a signal.
        eventually(lambda: served(server) == new, seconds=5)
        shake_hands(server, trusting(server)).close()
        old_connection.sendall(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n")
        assert old_connection.recv(100).startswith(b"HTTP/1.1 200 OK")
    assert use(kms) == b"attack at dawn"


def test_a_pair_that_does_not_fit_is_reported_and_not_served(start, tmp_path):
    own = Own(tmp_path)
    server = start(*own.flags)
    old = served(server)
    own.replace(fitting=False)
    server.process.send_signal(signal.SIGHUP)
    eventually(lambda: "the certificate cannot be renewed; the old one is still served" in server.log())
    assert served(server) == old
    new = own.replace()
    server.process.send_signal(signal.SIGHUP)
    eventually(lambda: served(server) == new)


def test_a_certificate_that_stands_alone_is_what_clients_trust(start, tmp_path):
    authority = Authority()
    certificate, key = authority.issue("127.0.0.1")
    cert, key_file = tmp_path / "cert.pem", tmp_path / "key.pem"
    cert.write_bytes(pem(certificate))
    key_file.write_bytes(key_pem(key))
    server = start("--tls-cert", cert, "--tls-key", key_file)
    assert server.env()["AWS_CA_BUNDLE"] == str(cert)
