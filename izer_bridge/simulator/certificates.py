"""The simulator's own authorities: one for TLS, one for the chain inside the Noise handshake."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from neonize.proto.waCert.WACert_pb2 import CertChain

from izer_bridge.simulator.keys import KeyPair

_DAY = timedelta(days=1)


def noise_chain(root: KeyPair, server: KeyPair, now: datetime) -> bytes:
    """A serialized chain from `root` over an intermediate to the server's static key."""
    intermediate = KeyPair.generate()
    chain = CertChain()
    _certify(chain.intermediate, root, intermediate, serial=1, issuer=0, now=now)
    _certify(chain.leaf, intermediate, server, serial=2, issuer=1, now=now)
    return bytes(chain.SerializeToString())


def _certify(
    certificate: CertChain.NoiseCertificate,
    signer: KeyPair,
    subject: KeyPair,
    *,
    serial: int,
    issuer: int,
    now: datetime,
) -> None:
    details = CertChain.NoiseCertificate.Details(
        serial=serial,
        issuerSerial=issuer,
        key=subject.public,
        notBefore=int((now - _DAY).timestamp()),
        notAfter=int((now + 30 * _DAY).timestamp()),
    ).SerializeToString()
    certificate.details = details
    certificate.signature = signer.sign(details)


def tls_context(folder: Path, hosts: list[str], bundle: Path) -> ssl.SSLContext:
    """A server's context for `hosts`; the authority that a client must trust goes to `bundle`."""
    now = datetime.now(UTC)
    authority_key, leaf_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority_name = _name("izer-bridge simulator")
    authority = (
        _certificate(authority_name, authority_name, authority_key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(authority_key, SHA256())
    )
    leaf = (
        _certificate(_name(hosts[0]), authority_name, leaf_key.public_key(), now)
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts]), critical=False
        )
        .sign(authority_key, SHA256())
    )
    bundle.write_bytes(authority.public_bytes(Encoding.PEM))
    server_file = folder / "server.pem"
    private = leaf_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    server_file.write_bytes(private + leaf.public_bytes(Encoding.PEM))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.set_alpn_protocols(["http/1.1"])
    context.load_cert_chain(server_file)
    return context


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + 30 * _DAY)
    )
