"""What all tests share: the data folder, a private cache, and no network."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from marketshock.desk import Desk

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

settings.register_profile("calm", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("calm")


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The tables as they are committed."""
    return Path(__file__).resolve().parents[1] / "data"


@pytest.fixture(scope="session", autouse=True)
def private_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep parsed prices in a folder of this run; the user's own stays untouched."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MARKETSHOCK_CACHE", str(folder))
        patch.delenv("MARKETSHOCK_DATA", raising=False)
        yield folder


@pytest.fixture(scope="session")
def desk(private_cache: Path) -> Desk:
    """One desk over the embedded vintage, read once for the whole run."""
    from marketshock.desk import Desk

    return Desk()


def is_local(family: int, address: Any) -> bool:
    """Tell whether an address stays on this machine."""
    if family == getattr(socket, "AF_UNIX", None):
        return True
    host = address[0] if isinstance(address, tuple) else address
    if host in ("", "localhost", None):
        return True
    try:
        return ipaddress.ip_address(str(host).split("%")[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail any test that reaches for an address outside the loopback."""

    def guarded(name: str) -> Any:
        original = getattr(socket.socket, name)

        def call(self: socket.socket, *args: Any) -> Any:
            address = args[-1] if name == "sendto" else args[0]
            if not is_local(self.family, address):
                pytest.fail(f"{name} to {address!r}: tests run without a network")
            return original(self, *args)

        return call

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, guarded(name))
    resolve = socket.getaddrinfo

    def look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(host, bytes):
            host = host.decode()
        if not is_local(socket.AF_INET, host):
            pytest.fail(f"look-up of {host!r}: tests run without a network")
        return resolve(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
