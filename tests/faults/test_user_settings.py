"""Names, settings, windows, pictures and secrets of users, by the rows U10 to U14."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from hostile import all_bytes, ask, refused

import marketshock
from marketshock import showcase
from marketshock.errors import QualityError
from marketshock.exhibits.writers import WRITERS
from marketshock.files import slug

PACKAGE = Path(marketshock.__file__).parent


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, which is not the home of the user."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


# U10 to U13: names, settings, windows, pictures.


@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "../../etc/passwd",
        "/etc/x",
        "C:\\x",
        "..",
        ".",
        "a/../../b",
        "a\nb",
        "CON",
        "x" * 500,
    ],
)
def test_u10_a_name_of_the_user_stays_inside_the_folder(name: str, here: Path) -> None:
    from marketshock.publish.notebook import find_notebook
    from marketshock.publish.report import _stem

    path = find_notebook("05_client_report")
    for stem in (_stem(path, {"event": name}, "en", name, False), slug(name)):
        target = (here / f"{stem}.pdf").resolve()
        assert target.parent == here.resolve()
        assert re.fullmatch(r"[a-z0-9._-]{1,200}", stem)


@pytest.mark.parametrize("out", ["a\0b", "file", "file/below"])
def test_u10_an_impossible_folder_is_refused_before_any_work(out: str, here: Path) -> None:
    (here / "file").write_text("mine")
    said = refused("report", "deepseek", "--out", out, code=5)
    assert "Running" not in said
    assert (here / "file").read_text() == "mine"


@pytest.mark.parametrize("key", ["../../x", "/etc/x", "a\nb"])
def test_u10_an_attachment_has_a_plain_name(key: str) -> None:
    from marketshock.publish.pdf import _attachment

    with pytest.raises(QualityError, match="not a plain file name"):
        _attachment(f"{key}.csv", "en")


BRANDS = {
    'name = !!python/object/apply:os.system ["x"]': "no valid TOML",
    'name = "a"\nname = "b"': "no valid TOML",
    'nam = "x"': "Did you mean name",
    "name = no": "no valid TOML",
    "name = false": "name",
    "a = " + "[" * 5000: "no valid TOML",
}


@pytest.mark.parametrize("text", BRANDS)
def test_u11_settings_are_plain_values_with_known_names(text: str, here: Path) -> None:
    (here / "us.toml").write_text(text)
    assert BRANDS[text] in refused("report", "deepseek", "--brand", "us.toml")
    assert [path.name for path in here.iterdir()] == ["us.toml"]


def test_u11_nothing_of_a_user_is_ever_run_as_code() -> None:
    forbidden = {"eval", "exec", "compile", "__import__"}
    modules = {"pickle", "marshal", "shelve", "dill", "yaml", "joblib"}
    methods = {"query", "eval"}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in forbidden, path
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                of = ast.unparse(node.func.value)
                assert node.func.attr not in methods or of == "typst", (path, of)
            elif isinstance(node, ast.Import | ast.ImportFrom):
                names = [alias.name for alias in node.names]
                names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                assert not {name.split(".")[0] for name in names} & modules, path


WINDOWS = {
    "5,-5": ("[5, -5]", "[-5, 5]"),
    "-20,1": ("estimation window", "-260"),
    "0,1.5": ("'0,1.5'",),
    "0": ("'0'", "-1,1"),
    "": ("''",),
    "a,b": ("'a,b'",),
}


@pytest.mark.parametrize("window", WINDOWS)
def test_u12_a_window_that_is_none_is_shown(window: str) -> None:
    said = refused("study", "--event", "deepseek", f"--window={window}")
    for words in WINDOWS[window]:
        assert words in said


SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">%s</svg>'
LOGOS: dict[str, tuple[str, bytes | int, str]] = {
    "script": ("x.svg", (SVG % "<script>1</script>").encode(), "<script>"),
    "link": ("x.svg", (SVG % '<use href="https://a.b/x"/>').encode(), "the link"),
    "picture": ("x.svg", (SVG % '<image href="file:///etc/passwd"/>').encode(), "<image>"),
    "large": ("x.png", 100_000_000, "100,000,000 bytes"),
    "type": ("x.png", b"GIF89a", "neither PNG nor SVG"),
    "entity": ("x.svg", b'<!DOCTYPE svg [<!ENTITY a "b">]><svg/>', "document type"),
}


@pytest.mark.parametrize("case", LOGOS)
def test_u13_a_logo_holds_shapes_only(case: str, here: Path) -> None:
    name, content, words = LOGOS[case]
    with (here / name).open("wb") as file:
        file.truncate(content) if isinstance(content, int) else file.write(content)
    (here / "us.toml").write_text(f'name = "Us"\nlogo = "{name}"\n')
    assert words in refused("report", "deepseek", "--brand", "us.toml")


# U14: secrets and places.


CANARY = "canary-7731-not-for-clients"


@pytest.mark.slow
def test_u14_files_of_an_exhibit_tell_nothing_of_the_machine(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MARKET_API_KEY", CANARY)
    monkeypatch.setenv("USER", CANARY)
    for ending in WRITERS:
        for key in ("car_path", "losses_table"):
            showcase.example(key).export(here / f"{key}{ending}")
    files = [path for path in here.iterdir() if path.suffix != ".png"]
    assert len(files) == 2 * (len(WRITERS) - 1)
    for path in files:
        data = all_bytes(path)
        for secret in (CANARY, str(here), f"{Path.home()}/", str(PACKAGE), "site-packages"):
            assert secret.encode() not in data, (path.name, secret)


@pytest.mark.parametrize("command", ["study --event deepseek", "losses --top 3", "data status"])
def test_u14_answers_and_errors_tell_no_secret(
    command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MARKET_API_KEY", CANARY)
    for shape in ("table", "json", "csv"):
        assert CANARY not in ask(*command.split(), "--format", shape).output
    assert CANARY not in refused("study", "--event", "deepsek")
