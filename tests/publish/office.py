"""Decks and workbooks read back by other programs than those that wrote them."""

from __future__ import annotations

import io
import re
import zipfile
from functools import cache
from typing import Any
from xml.etree import ElementTree

from openpyxl import load_workbook

from marketshock import showcase
from marketshock.exhibits.catalogue import EXHIBITS
from marketshock.locale import Language
from marketshock.publish.plates import Plate, plate_of_exhibit
from marketshock.publish.pptx import deck_bytes
from marketshock.publish.xlsx import workbook_bytes

KEYS = [key for key in EXHIBITS if key not in ("placebo_histogram", "analogues_table")]
RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


@cache
def plate(key: str, lang: Language = "en") -> Plate:
    return plate_of_exhibit(showcase.example(key), lang)


@cache
def book_of(key: str, lang: Language = "en") -> bytes:
    return workbook_bytes([plate(key, lang)])


@cache
def deck_of(key: str, lang: Language = "en") -> bytes:
    return deck_bytes([plate(key, lang)])


def opened(data: bytes, *, values: bool = True) -> Any:
    """Return a workbook as openpyxl reads it: results of formulas, or the formulas."""
    return load_workbook(io.BytesIO(data), data_only=values)


def entries(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        names = archive.namelist()
        assert len(names) == len(set(names))
        return {name: archive.read(name) for name in names}


def check_package(data: bytes) -> None:
    """Check what Office repairs otherwise: types, relationships, well-formed parts, unique ids."""
    parts = entries(data)
    types = ElementTree.fromstring(parts["[Content_Types].xml"])
    defaults = {e.get("Extension") for e in types if e.tag.endswith("Default")}
    overrides = {e.get("PartName") for e in types if e.tag.endswith("Override")}
    assert overrides <= {f"/{name}" for name in parts}
    for name, content in parts.items():
        if name == "[Content_Types].xml":
            continue
        assert f"/{name}" in overrides or name.rsplit(".", 1)[-1] in defaults, name
        if name.endswith((".xml", ".rels")):
            ElementTree.fromstring(content)
        if name.endswith(".rels"):
            check_targets(name, content, parts)
        if re.match(r"ppt/slides/slide\d+\.xml", name):
            ids = re.findall(rb'<p:cNvPr id="(\d+)"', content)
            assert len(ids) == len(set(ids)), name
            assert set(re.findall(rb'r:(?:id|embed)="(\w+)"', content)) <= relation_ids(name, parts)


def check_targets(name: str, content: bytes, parts: dict[str, bytes]) -> None:
    folder = name.replace("_rels/", "").rsplit("/", 1)[0] if name != "_rels/.rels" else ""
    for relation in ElementTree.fromstring(content).iter(RELATION):
        assert relation.get("TargetMode") != "External", name
        target = str(relation.get("Target"))
        steps = [] if target.startswith("/") else [step for step in folder.split("/") if step]
        for step in target.strip("/").split("/"):
            steps = steps[:-1] if step == ".." else [*steps, step]
        assert "/".join(steps) in parts, (name, target)


def relation_ids(name: str, parts: dict[str, bytes]) -> set[bytes]:
    folder, file = name.rsplit("/", 1)
    found = parts.get(f"{folder}/_rels/{file}.rels", b"<none/>")
    return {str(e.get("Id")).encode() for e in ElementTree.fromstring(found).iter(RELATION)}
