"""A MySQL server on another host is reached over TLS, and refused if it offers none."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import make_url, text

from izer_bridge.domain.errors import ConfigError, TransientError
from izer_bridge.store.database import Database
from izer_bridge.store.tls import security_of
from izer_bridge.upkeep.store import whole_store
from tests.servers.mariadb import MariaDB, is_installed

# Not a loopback address, and yet this machine.
ELSEWHERE = "0.0.0.0"  # noqa: S104

installed = pytest.mark.skipif(not is_installed(), reason="mariadb-server is not installed")


@pytest.mark.parametrize(
    ("url", "needs_tls"),
    [
        ("mysql://u@127.0.0.1/d", False),
        ("mysql://u@[::1]/d", False),
        ("mysql://u@localhost/d", False),
        ("mysql://u@/d?unix_socket=/run/s", False),
        ("mysql://u@db.example/d", True),
        ("mysql://u@192.0.2.7/d", True),
        ("mysql://u@localhost.example/d", True),
        ("mysql://u@db.example/d?allow_plaintext=true", False),
        ("mysql://u@db.example/d?allow_plaintext=no", True),
    ],
)
def test_another_host_needs_tls(url: str, needs_tls: bool) -> None:
    assert security_of(make_url(url))[1].needs_tls is needs_tls


def _certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shop")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address(ELSEWHERE))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, secret = folder / "shop.pem", folder / "shop.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate, secret


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[MariaDB]:
    server = MariaDB(folder)
    yield server
    server.stop()


async def _cipher(url: str) -> str:
    async with Database(url, tries=1) as database:
        asked = text("SHOW STATUS LIKE 'Ssl_cipher'")
        found = (await database.read(lambda one: one.execute(asked))).one()
        return str(found[1])


@installed
@pytest.mark.attack("a store on another host is not spoken to without TLS")
async def test_a_server_elsewhere_without_tls_is_refused(server: MariaDB) -> None:
    server.start("--skip-ssl")
    url = server.database().replace("127.0.0.1", ELSEWHERE)
    with pytest.raises(ConfigError, match=r"offers no TLS.*allow_plaintext"):
        await _cipher(url)
    assert await _cipher(f"{url}?allow_plaintext=true") == ""
    server.stop()


@installed
@pytest.mark.attack("a store on another host that nobody vouches for is refused")
async def test_a_server_elsewhere_must_be_the_right_one(
    server: MariaDB, folder: Path, tmp_path: Path
) -> None:
    certificate, key = _certificate(folder)
    server.start(f"--ssl-cert={certificate}", f"--ssl-key={key}")
    url = server.database().replace("127.0.0.1", ELSEWHERE)
    with pytest.raises(TransientError, match="self-signed certificate"):
        await _cipher(url)
    assert await _cipher(f"{url}?ssl_ca={certificate}") != ""
    with pytest.raises(ConfigError, match="ssl_ca = /nowhere"):
        await _cipher(f"{url}?ssl_ca=/nowhere")


@installed
@pytest.mark.attack("no dump of a store on another host goes over the network without TLS")
def test_a_dump_goes_over_tls_too(folder: Path, tmp_path: Path) -> None:
    server = MariaDB(tmp_path)
    server.start("--skip-ssl")
    url = make_url(server.database().replace("127.0.0.1", ELSEWHERE))
    with (tmp_path / "dump").open("xb") as dump, pytest.raises(TransientError, match="SSL"):
        whole_store._run_client(url, ("mariadb-dump", "mysqldump"), (), stdout=dump.fileno())
    server.stop()
