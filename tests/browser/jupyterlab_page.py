"""JupyterLab in headless Chromium, driven over the DevTools protocol; all on the loopback."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import ProxyHandler, Request, build_opener

HOST = "127.0.0.1"
PATIENCE = 180.0
RUN_ALL = """(async () => {
    const app = window.jupyterapp;
    const panel = await app.commands.execute(
        "docmanager:open", {path: %s, factory: "Notebook"});
    await panel.context.ready;
    await panel.revealed;
    app.shell.activateById(panel.id);
    await panel.sessionContext.ready;
    await app.commands.execute("notebook:run-all-cells");
    const kernel = panel.sessionContext.session.kernel;
    while (kernel.status !== "idle") await new Promise(done => setTimeout(done, 50));
    await panel.context.save();
    const said = {dirty: panel.model.dirty, kernel: kernel.name,
                  pictures: panel.node.querySelectorAll(".jp-OutputArea img").length};
    await panel.sessionContext.shutdown();
    panel.dispose();
    return said;
})()"""


@dataclass
class JupyterLabPage:
    """A page of JupyterLab that does what a user does with the menu."""

    folder: Path
    devtools: Any
    asked: int = 0

    def call(self, method: str, **parameters: Any) -> Any:
        """Ask the browser and wait for its answer; what it says on its own is passed over."""
        self.asked += 1
        message = {"id": self.asked, "method": method, "params": parameters}
        self.devtools.send(json.dumps(message))
        while (answer := json.loads(self.devtools.recv())).get("id") != self.asked:
            pass
        assert "error" not in answer, answer["error"]
        return answer["result"]

    def evaluate(self, expression: str) -> Any:
        """Return what a JavaScript expression gives, waiting for a promise."""
        asked = {"awaitPromise": True, "returnByValue": True}
        result = self.call("Runtime.evaluate", expression=expression, **asked)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def run_all_and_save(self, name: str) -> dict[str, Any]:
        """Open a notebook, run all its cells, save it; return what the page then says."""
        said: dict[str, Any] = self.evaluate(RUN_ALL % json.dumps(name))
        return said


def free_port() -> int:
    with closing(socket.socket()) as taken:
        taken.bind((HOST, 0))
        port: int = taken.getsockname()[1]
    return port


def until(found: Callable[[], Any], process: subprocess.Popen[bytes], log: Path) -> Any:
    """Wait for something, as long as the process lives."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if value := found():
            return value
        assert process.poll() is None, log.read_text("utf-8", "replace")[-2000:]
        time.sleep(0.2)
    raise AssertionError(
        f"Nothing in {PATIENCE:.0f} s: {log.read_text('utf-8', 'replace')[-2000:]}"
    )


def fetched(address: str, method: str = "GET") -> bytes | None:
    """Return what a loopback address answers, without any proxy."""
    try:
        with build_opener(ProxyHandler({})).open(Request(address, method=method), timeout=5) as got:
            content: bytes = got.read()
            return content
    except URLError:
        return None


@contextmanager
def running(
    command: list[str], environment: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Keep a program running, and end it."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, env=dict(environment), stdout=out, stderr=subprocess.STDOUT
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(30)


@contextmanager
def opened(base: Path, browser: str) -> Iterator[JupyterLabPage]:
    """Start both programs with a home of their own and open JupyterLab in the browser."""
    import websocket

    token, port, home = secrets.token_hex(16), free_port(), base / "home"
    home.mkdir()
    places = {f"JUPYTER_{kind}_DIR": str(home / kind) for kind in ("CONFIG", "DATA", "RUNTIME")}
    places |= {f"JUPYTERLAB_{kind}_DIR": str(home / kind) for kind in ("SETTINGS", "WORKSPACES")}
    own = {"HOME": str(home), "IPYTHONDIR": str(home / "ipython"), "JUPYTER_TOKEN": token}
    environment = {**os.environ, **places, **own, "JUPYTER_NO_CONFIG": "1"}
    server = f"http://{HOST}:{port}"
    logs = base / "jupyterlab.log", base / "chromium.log"
    profile = base / "profile"
    with (
        running(_server(port, base / "notebooks"), environment, logs[0]) as lab,
        running(_browser(browser, profile), environment, logs[1]) as chromium,
    ):
        until(lambda: fetched(f"{server}/api?token={token}"), lab, logs[0])
        ports = profile / "DevToolsActivePort"
        debugging = until(lambda: ports.exists() and ports.read_text(), chromium, logs[1]).split()
        tabs = f"http://{HOST}:{debugging[0]}/json/new?about:blank"
        tab = json.loads(until(lambda: fetched(tabs, "PUT"), chromium, logs[1]))
        devtools = websocket.create_connection(
            tab["webSocketDebuggerUrl"], suppress_origin=True, timeout=PATIENCE
        )
        with closing(devtools):
            page = JupyterLabPage(base / "notebooks", devtools)
            page.call("Page.navigate", url=f"{server}/lab?token={token}&reset")
            until(lambda: page.evaluate("Boolean(window.jupyterapp)"), lab, logs[0])
            page.evaluate("jupyterapp.restored.then(() => true)")
            yield page


def _server(port: int, folder: Path) -> list[str]:
    settings = {
        "ServerApp.ip": HOST,
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.root_dir": folder,
        "LabApp.expose_app_in_browser": True,
        "LabApp.news_url": "",
    }
    options = [f"--{key}={value}" for key, value in settings.items()]
    return [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", *options]


def _browser(program: str, profile: Path) -> list[str]:
    """Return the command of a browser that knows no address but the loopback."""
    return [
        program,
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--remote-debugging-port=0",
        f"--user-data-dir={profile}",
        f"--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE {HOST}",
        "about:blank",
    ]
