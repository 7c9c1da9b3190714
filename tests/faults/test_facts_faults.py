"""Faults of the clients of the SEC and of French by their number, in child processes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from child import Shell, shell_at
from facts_servers import Loopback, Reply, facts_path, led_to, serve_facts
from loopback_yahoo import LoopbackYahoo

from marketshock.sources.vintages import VintageStore

if TYPE_CHECKING:
    from marketshock.desk import Desk

pytestmark = pytest.mark.slow
HOSTS = ("*.sec.gov", "mba.tuck.dartmouth.edu")
AGENT = {"MARKETSHOCK_SEC_USER_AGENT": "Ada Rossi ada.rossi@example.com"}
ASK = {"sec": ("--source", "sec", "--symbols", "MSFT"), "french": ("--source", "french")}


@pytest.fixture
def server(desk: Desk) -> Iterator[Loopback]:
    with Loopback() as server:
        serve_facts(server, desk)
        yield server


@pytest.fixture
def shell(server: Loopback, tmp_path: Path, private_cache: Path) -> Iterator[Shell]:
    """A shell whose every connection ends at the loopback."""
    with LoopbackYahoo({}) as yahoo:
        made = shell_at(yahoo, tmp_path, private_cache)
        made.environment |= led_to(server)
        yield made


@pytest.fixture
def proxied(tmp_path: Path, private_cache: Path) -> Iterator[tuple[Shell, LoopbackYahoo]]:
    """A shell that asks the true addresses through a proxy, which answers in their place."""
    with LoopbackYahoo({}, HOSTS) as proxy:
        made = shell_at(proxy, tmp_path, private_cache)
        made.environment |= AGENT
        yield made, proxy


def refresh(shell: Shell, source: str, **more: str) -> subprocess.CompletedProcess[str]:
    return shell.run("data", "refresh", *ASK[source], "--format", "json", **more)


def refused(done: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    assert "Traceback" not in done.stderr
    assert "internal error" not in done.stderr
    for word in words:
        assert word in done.stderr


@pytest.mark.parametrize("source", ASK)
def test_n12_a_certificate_of_a_stranger_is_refused(
    proxied: tuple[Shell, LoopbackYahoo], source: str
) -> None:
    """The proxy is trusted by nobody; where it is, the same request reaches it."""
    shell, proxy = proxied
    trusted = refresh(shell, source)
    refused(trusted, 3, "no such file")
    assert proxy.log
    assert all(host.endswith(("sec.gov", "dartmouth.edu")) for host, _ in proxy.log)
    proxy.log.clear()
    del shell.environment["SSL_CERT_FILE"]
    refused(refresh(shell, source), 4, "can't be reached", "CERTIFICATE_VERIFY_FAILED")
    assert proxy.log == []


@pytest.mark.parametrize("source", ASK)
@pytest.mark.parametrize("target", ["http://elsewhere.example/", "https://elsewhere.example/"])
def test_n12_a_redirection_is_not_followed(
    shell: Shell, server: Loopback, source: str, target: str
) -> None:
    away = Reply(b"", 302, {"Location": target})
    for path in list(server.replies):
        server.put(path, away)
    refused(refresh(shell, source), 4, "sends us on to", "elsewhere.example")
    assert {request for request, _ in server.requests} <= set(server.replies)


@pytest.mark.parametrize("source", ASK)
def test_n12_an_address_without_encryption_is_refused(shell: Shell, source: str) -> None:
    name = f"MARKETSHOCK_{source.upper()}_ADDRESS"
    refused(refresh(shell, source, **{name: "http://data.example"}), 2, name, "https://")


@pytest.mark.parametrize("source", ASK)
def test_n13_offline_names_the_source_that_was_asked_for(
    shell: Shell, server: Loopback, source: str
) -> None:
    done = refresh(shell, source, MARKETSHOCK_OFFLINE="1")
    refused(done, 4, f"A refresh of {source}", f"marketshock data refresh --source {source}")
    assert server.requests == []


def test_n10_nothing_is_kept_when_one_company_does_not_come(shell: Shell, server: Loopback) -> None:
    server.put(facts_path("NVDA"), Reply(b"", 404))
    both = ("data", "refresh", "--source", "sec", "--symbols", "MSFT,NVDA")
    refused(shell.run(*both), 3, "no such file")
    refused(shell.run(*both, "--allow-missing", "NVDA"), 2, "All of sec must come")
    assert not (shell.store.parent / "sec" / "current.json").exists()


@pytest.mark.parametrize("source", ASK)
def test_f6_eight_refreshes_at_once_make_one_vintage(shell: Shell, source: str) -> None:
    several = [
        subprocess.Popen(
            shell.command("data", "refresh", *ASK[source], "--format", "json"),
            env=shell.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(8)
    ]
    answers = [process.communicate(timeout=120) for process in several]
    assert [process.returncode for process in several] == [0] * 8, answers
    store = VintageStore(source, shell.folder / "vintages")
    (vintage,) = store.vintages()
    assert {json.loads(out)["vintage"] for out, _ in answers} == {vintage}
    assert store.damage(vintage) == ""
    assert not list(store.folder.glob(".*"))
