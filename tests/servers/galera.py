"""The tests' own three Galera nodes on loopback, and an entrance to a live one."""

import asyncio
import os
import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

from tests.servers.mariadb import MariaDB, free_port

PROVIDER = Path("/usr/lib/galera/libgalera_smm.so")
_USER = "mysql"
_NODES = 3
_JOIN_SECONDS = 60
_CHUNK = 65_536


class Galera:
    """A cluster; `nodes` are its servers, which may be killed and started one by one.

    Started by root they run as MariaDB's own user: what rsync's daemon gets from root it writes as
    nobody. So every folder above `folder` must be open to that user.
    """

    def __init__(self, folder: Path) -> None:
        _give(folder)
        self._group_ports = [free_port() for _ in range(_NODES)]
        self.nodes = [self._node(folder, number) for number in range(_NODES)]
        self._databases = 0

    def start(self) -> None:
        """The first node creates the cluster; each of the others copies it with rsync."""
        self.nodes[0].start("--wsrep-new-cluster")
        self.revive()

    def revive(self) -> None:
        """Start every node that is down; returns when all of them work together."""
        for node in self.nodes:
            if not node.is_running:
                node.start()
            _synced(node)

    def stop(self) -> None:
        for node in reversed(self.nodes):
            node.stop()

    def database(self) -> list[str]:
        """A new, empty database: its URL at each node."""
        self._databases += 1
        name = f"test_{self._databases}"
        self.nodes[0].query(f"CREATE DATABASE {name}")
        self.catch_up()
        return [node.url(name) for node in self.nodes]

    def catch_up(self) -> None:
        """Wait until every node has applied whatever was committed anywhere before."""
        for node in self.nodes:
            node.query("SET STATEMENT wsrep_sync_wait = 1 FOR SELECT 1")

    def conflicts(self) -> int:
        """How many transactions nodes have refused or rolled back in favour of another's."""
        names = ("wsrep_local_cert_failures", "wsrep_local_bf_aborts")
        return sum(int(_status(node, name)) for node in self.nodes for name in names)

    def _node(self, folder: Path, number: int) -> MariaDB:
        own = folder / str(number)
        own.mkdir()
        _give(own)
        members = ",".join(f"127.0.0.1:{port}" for port in self._group_ports)
        provider = {
            "gmcast.listen_addr": f"tcp://127.0.0.1:{self._group_ports[number]}",
            "ist.recv_addr": f"127.0.0.1:{free_port()}",
            "gcache.size": "16M",
        }
        return MariaDB(
            own,
            [
                "--wsrep-on=ON",
                f"--wsrep-provider={PROVIDER}",
                f"--wsrep-cluster-address=gcomm://{members}",
                f"--wsrep-node-name=node{number}",
                f"--wsrep-node-address=127.0.0.1:{self._group_ports[number]}",
                "--wsrep-sst-method=rsync",
                f"--wsrep-sst-receive-address=127.0.0.1:{free_port()}",
                "--wsrep-provider-options="
                + ";".join(f"{name}={value}" for name, value in provider.items()),
                "--binlog-format=ROW",
                "--innodb-autoinc-lock-mode=2",
            ],
            _USER,
        )


def _give(folder: Path) -> None:
    if os.geteuid() == 0:
        shutil.chown(folder, _USER)


def _synced(node: MariaDB) -> None:
    """Wait until `node` works with the others. Raises TimeoutError."""
    deadline = time.monotonic() + _JOIN_SECONDS
    while _status(node, "wsrep_local_state_comment") != "Synced":
        if time.monotonic() > deadline:
            raise TimeoutError("the node did not join")
        time.sleep(0.05)


def _status(node: MariaDB, name: str) -> str:
    [(_, value)] = node.query(f"SHOW GLOBAL STATUS LIKE '{name}'")
    return str(value)


class Entrance:
    """A proxy with failover: each new connection goes to the first node that accepts it."""

    def __init__(self, nodes: list[MariaDB]) -> None:
        self._nodes = nodes
        self._server: asyncio.Server | None = None
        self._led: list[tuple[asyncio.StreamWriter, asyncio.Task[None]]] = []

    def url(self, database: str) -> str:
        if self._server is None:
            raise RuntimeError("the entrance is closed")
        port = self._server.sockets[0].getsockname()[1]
        return f"mysql://root@127.0.0.1:{port}/{database}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._admit, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
        for client, _leading in self._led:
            client.close()
        await asyncio.gather(*(leading for _client, leading in self._led))

    def _admit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._led.append((writer, asyncio.create_task(self._lead(reader, writer))))

    async def _lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for node in self._nodes:
            with suppress(ConnectionError):
                node_reader, node_writer = await asyncio.open_connection("127.0.0.1", node.port)
                ways = (_carry(reader, node_writer), _carry(node_reader, writer))
                await asyncio.gather(*ways)
                break
        writer.close()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Until one side ends; then the other side ends as well."""
    try:
        with suppress(ConnectionError):
            while chunk := await reader.read(_CHUNK):
                writer.write(chunk)
                await writer.drain()
    finally:
        writer.close()
