from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

import marketshock

NAMES = [name for name in marketshock.__all__ if not name.startswith("_")]
PROMISED = [
    "event_study",
    "losses",
    "reconcile_losses",
    "events",
    "Event",
    "EventSet",
    "EventStudy",
    "EstimationWindow",
    "EventWindow",
    "MarketModel",
    "StudyResult",
    "MarketCapLosses",
    "PricePanel",
    "ReturnPanel",
    "Source",
    "Status",
    "MemorySource",
    "exhibit",
    "MarketShockError",
    "UserInputError",
    "DataCorruptError",
]


@pytest.mark.parametrize("name", NAMES)
def test_every_public_name_can_be_imported_and_is_described(name: str) -> None:
    thing = getattr(marketshock, name)
    if inspect.isclass(thing) or inspect.isfunction(thing):
        assert thing.__name__ == name
        assert inspect.getdoc(thing), name


@pytest.mark.parametrize("name", PROMISED)
def test_promised_names_are_public(name: str) -> None:
    assert name in marketshock.__all__


def test_no_name_stands_twice_and_all_are_listed() -> None:
    assert len(set(marketshock.__all__)) == len(marketshock.__all__)
    assert set(marketshock.__all__) <= set(dir(marketshock))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="event_studdy"):
        _ = marketshock.event_studdy


def test_the_version_is_that_of_the_project(root: Path) -> None:
    stated = re.search(r'^version = "(.+)"$', (root / "pyproject.toml").read_text("utf-8"), re.M)
    assert stated is not None
    assert marketshock.__version__ == stated.group(1)


def test_a_star_import_gives_the_public_names() -> None:
    space: dict[str, object] = {}
    exec("from marketshock import *", space)
    assert set(marketshock.__all__) <= set(space)


def test_no_public_function_has_the_name_of_a_module(root: Path) -> None:
    """Importing ``marketshock.x`` sets the attribute x, which would replace the function."""
    folder = root / "marketshock"
    modules = {path.stem for path in folder.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert modules & set(marketshock.__all__) - {"__init__"} == set()
