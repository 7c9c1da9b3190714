"""A brand file: what it may say, and what is refused with line, key and a way out."""

from __future__ import annotations

import shutil
import struct
import zlib
from pathlib import Path

import matplotlib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketshock.errors import UserInputError
from marketshock.exhibits.brand import FAMILY, HOUSE, TITLE_FAMILY, Brand
from marketshock.exhibits.brand_assets import LARGEST_LOGO, read_logo
from marketshock.exhibits.brand_findings import brand_findings
from marketshock.exhibits.colours import contrast, mixed, readable
from marketshock.exhibits.compliance import DISTRIBUTION, Compliance
from marketshock.locale import Text

BRANDS = Path(__file__).resolve().parents[1] / "brands"
DEJAVU = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
COLOUR = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06X}")
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{}</svg>'


def brand(text: str, folder: Path = BRANDS) -> Brand:
    return Brand.from_toml(text, folder)


@pytest.fixture(scope="module")
def example() -> Brand:
    return Brand.from_file(BRANDS / "example.toml")


def test_an_empty_file_is_the_house_style() -> None:
    read = brand("")
    for part in ("palette", "text_family", "title_family", "faces", "paper", "numbers"):
        assert getattr(read, part) == getattr(HOUSE, part)
    assert read.page() == HOUSE.page()
    assert read.compliance == HOUSE.compliance


def test_the_example_says_everything(example: Brand) -> None:
    assert (example.name, example.paper.name) == ("Example Bank", "us-letter")
    assert (example.text_family, example.title_family) == (TITLE_FAMILY, FAMILY)
    assert example.palette.ink == "#14532D"
    assert example.palette.series[0] == "#0B3A22"
    assert example.logo is not None
    assert example.logo.kind == "svg"
    assert example.footer == Text(*["Example Bank Research, 1 Example Square"] * 2)
    assert example.numbers["it"].grouping == "\u202f"
    assert example.numbers["en"].grouping == "\u2019"
    assert example.compliance.distribution == "professional"
    assert brand_findings(example) == ()


def test_the_house_has_nothing_to_remark() -> None:
    assert brand_findings(HOUSE) == ()


def test_shades_follow_ink_and_background(example: Brand) -> None:
    page = example.page()["colours"]
    assert page["ground"] == "#FFFDF7"
    assert page["rule"] == mixed("#FFFDF7", "#14532D", 0.22)
    for name in ("navy", "ink", "grey", "rust"):
        for ground in ("ground", "pale", "glow"):
            assert contrast(page[name], page[ground]) >= 4.5
    for name in ("mist", "kicker", "ground"):
        assert contrast(page[name], page["navy"]) >= 4.5


def test_two_files_differ_in_their_digest(example: Brand) -> None:
    text = (BRANDS / "example.toml").read_text("utf-8")
    assert brand(text) == example
    assert brand(text + "\n").digest != example.digest
    assert HOUSE.digest == "" != brand("").digest


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('nam = "x"', ["line 1: nam is not known", "Did you mean name"]),
        ('[colours]\n\ninc = "#000000"', ["line 3: colours.inc is not known", "ink"]),
        ('[colors]\nink = "#000000"', ["line 1: colors is not known", "colours"]),
        ('[colours]\nink = "#12"', ["line 2: colours.ink is '#12'", "like #0B1F3A"]),
        ('[colours]\nink = "navy"', ["colours.ink is 'navy'", "six hexadecimal digits"]),
        ("[colours]\nink = 5", ["colours.ink is 5"]),
        ('[colours]\npalette = ["#000000"]', ["line 2: colours.palette", "list of 5 colours"]),
        ('page = "A5"', ["line 1: page is 'A5', expected A4 or Letter"]),
        ('page = "a4"', ["Did you mean A4"]),
        ('[numbers.en]\ndecimal = ","', ["line 2: numbers.en.decimal", "another mark"]),
        ('[numbers.it]\ngrouping = "x"', ["line 2: numbers.it.grouping is 'x'"]),
        ('[numbers.de]\ndecimal = ","', ["line 1: numbers.de is not known"]),
        ('numbers = "1,2"', ["line 1: numbers is '1,2', expected a table"]),
        ('[compliance]\ndistribution = "all"', ["internal or professional or public"]),
        ('[compliance]\nconflicts = "None."', ["line 2: compliance.conflicts", "both languages"]),
        ('disclaimer = {en = "No offer."}', ["line 1: disclaimer", "both languages"]),
        ('[disclaimer]\nen = "No offer."\nit = ""', ["line 3: disclaimer.it is ''"]),
        ('[compliance]\nprepared_by = ""', ["1 to 120 characters"]),
        ('name = "x"\nlogo = "none.svg"', ["line 2: logo: none.svg can't be read", "Expected it"]),
        ('logo = "logo.svg"', ["line 1: logo is 'logo.svg', expected a name beside it"]),
        ('[fonts]\nfiles = ["none.ttf"]', ["line 2: fonts.files: none.ttf is missing"]),
        ('[fonts]\nfiles = ["logo.svg"]', ["logo.svg is no .ttf or .otf font"]),
        ('[fonts]\ntext = "Source Sans"', ["line 2: fonts.text", "Did you mean Source Sans 3"]),
        ('[fonts]\ntext = "Zapfino"', ["bundled or in fonts.files"]),
        ("[colours\nink = 1", ["no valid TOML", "line 1"]),
        ("a = " + "[" * 5000, ["no valid TOML"]),
        ('name = "a"\nname = "b"\npage = "A4"', ["no valid TOML", "line 2"]),
    ],
)
def test_what_is_wrong_is_named_with_its_line(text: str, words: list[str]) -> None:
    with pytest.raises(UserInputError) as caught:
        brand(text)
    for part in words:
        assert part in str(caught.value)


@pytest.mark.parametrize(
    ("colours", "words"),
    [
        (
            'muted = "#999999"',
            ["line 2: colours.muted #999999 on its background #FFFFFF", "2.85:1"],
        ),
        ('ink = "#777777"', ["colours.ink #777777 on its background", "4.48:1"]),
        ('background = "#101010"', ["colours.ink #0B1F3A on its background #101010"]),
        ('text = "#737373"\nband = "#AAAAAA"', ["on its band #AAAAAA"]),
        ('accent = "#D4702A"\naccent_text = "#D4702A"', ["colours.accent_text", "3.4"]),
    ],
)
def test_text_that_can_not_be_read_is_refused_with_its_ratio(
    colours: str, words: list[str]
) -> None:
    with pytest.raises(UserInputError) as caught:
        brand(f"[colours]\n{colours}")
    for part in (*words, "at least 4.5:1"):
        assert part in str(caught.value)


def test_a_dark_brand_is_possible() -> None:
    dark = brand(
        '[colours]\nink = "#F2F2F2"\ntext = "#E0E0E0"\nmuted = "#B5B5B5"\naccent = "#FF9F40"\n'
        'mark = "#4FC3D9"\nbackground = "#121212"'
    )
    assert dark.palette.band == mixed("#121212", "#F2F2F2", 0.09)
    assert contrast(dark.palette.amber_text, "#121212") >= 4.5


@given(COLOUR, st.sampled_from(["#FFFFFF", "#FFFDF7", "#F2F2F2"]))
def test_an_accent_becomes_readable_text(colour: str, ground: str) -> None:
    moved = readable(colour, [ground], "#000000")
    assert contrast(moved, ground) >= 4.5
    if contrast(colour, ground) >= 4.5:
        assert moved == colour


@given(COLOUR, COLOUR)
def test_contrast_is_symmetric_and_bounded(one: str, other: str) -> None:
    assert contrast(one, other) == contrast(other, one)
    assert 1.0 <= contrast(one, other) <= 21.0


def test_colours_that_look_alike_are_remarked_in_both_languages() -> None:
    same = ", ".join(['"#0B1F3A"', '"#0B1F3A"', '"#1B6F80"', '"#557EB2"', '"#EEEEEE"'])
    texts = [finding.text for finding in brand_findings(brand(f"[colours]\npalette = [{same}]"))]
    assert any("palette 1 and palette 2 are hard to tell apart: distance 0" in t.en for t in texts)
    assert any("palette 5 (#EEEEEE) has a contrast of 1.16:1" in t.en for t in texts)
    assert any("contrasto di 1,16:1" in t.it for t in texts)


# ---- files that a brand brings -------------------------------------------------------------------


def test_a_font_of_its_own_is_found_by_the_name_inside_it(tmp_path: Path) -> None:
    shutil.copy(DEJAVU, tmp_path / "own.ttf")
    own = brand('[fonts]\ntext = "DejaVu Sans"\nfiles = ["own.ttf"]', tmp_path)
    assert own.text_face().path == own.text_face(bold=True).path == tmp_path / "own.ttf"
    assert own.text_face().weight == 400
    assert own.font_files == (tmp_path / "own.ttf",)
    assert own.families == ("DejaVu Sans", TITLE_FAMILY, FAMILY)


@pytest.mark.parametrize(
    ("data", "words"), [(b"no font", "can't be read as a font"), (b"", "can't be read as a font")]
)
def test_a_damaged_font_is_refused(tmp_path: Path, data: bytes, words: str) -> None:
    (tmp_path / "own.ttf").write_bytes(data)
    with pytest.raises(UserInputError, match=words):
        brand('[fonts]\nfiles = ["own.ttf"]', tmp_path)


def test_a_font_without_our_letters_is_refused(tmp_path: Path) -> None:
    shutil.copy(DEJAVU.with_name("cmr10.ttf"), tmp_path / "own.ttf")
    with pytest.raises(UserInputError, match="lacks letters that every page prints: U\\+"):
        brand('[fonts]\nfiles = ["own.ttf"]', tmp_path)


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        ("<script>1</script>", "<script>"),
        ("<foreignObject/>", "<foreignObject>"),
        ("<text>EB</text>", "<text>"),
        ('<image href="a.png"/>', "<image>"),
        ('<path onclick="x()"/>', "the script attribute onclick"),
        ('<use href="https://example.com/x.svg"/>', "the link 'https://example.com"),
        ('<path style="fill:url(https://example.com)"/>', "the link 'fill:url("),
        ("<style>@import 'x.css';</style>", "a style that loads something"),
    ],
)
def test_a_logo_holds_shapes_only(tmp_path: Path, inside: str, words: str) -> None:
    (tmp_path / "x.svg").write_text(SVG.format(inside))
    with pytest.raises(UserInputError) as caught:
        read_logo(tmp_path / "x.svg")
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"GIF89a", "neither PNG nor SVG"),
        (b"\xff\xfe", "neither PNG nor SVG"),
        (b"<html/>", "no SVG: it begins with html"),
        (b'<!DOCTYPE svg [<!ENTITY a "b">]><svg/>', "declares a document type"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 60, "damaged PNG"),
        (b" " * (LARGEST_LOGO + 1), "2,000,001 bytes"),
    ],
)
def test_other_pictures_are_refused(tmp_path: Path, data: bytes, words: str) -> None:
    (tmp_path / "x.png").write_bytes(data)
    with pytest.raises(UserInputError, match=words):
        read_logo(tmp_path / "x.png")


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\x14\x53\x2d" * 2) * 2)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_a_png_is_a_logo_unless_it_is_a_poster(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(png(2, 2))
    assert read_logo(tmp_path / "x.png").kind == "png"
    (tmp_path / "x.png").write_bytes(png(40_000, 40_000))
    with pytest.raises(UserInputError, match="more than 16,000,000 pixels"):
        read_logo(tmp_path / "x.png")


@pytest.mark.parametrize(
    ("data", "words"), [(b"\xff\xfe\x00", "not UTF-8"), (b"#" * 200_001, "no brand file")]
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, data: bytes, words: str) -> None:
    (tmp_path / "x.toml").write_bytes(data)
    with pytest.raises(UserInputError, match=words):
        Brand.from_file(tmp_path / "x.toml")
    with pytest.raises(UserInputError, match="can't be read"):
        Brand.from_file(tmp_path / "none.toml")


# ---- compliance ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("distribution", "client", "draft", "own", "words"),
    [
        ("internal", "Rossi SGR", False, True, "its distribution is internal"),
        ("public", None, True, True, "A draft can't be distributed to the public"),
        ("public", None, False, False, "speak to professional investors"),
    ],
)
def test_contradictions_are_refused(
    distribution: str, client: str | None, draft: bool, own: bool, words: str
) -> None:
    with pytest.raises(UserInputError, match=words):
        Compliance(distribution=distribution).require(client=client, draft=draft, own_words=own)


@pytest.mark.parametrize("distribution", [None, *DISTRIBUTION])
def test_a_plain_page_goes_to_everybody(distribution: str | None) -> None:
    Compliance(distribution=distribution).require(client=None, draft=False, own_words=True)


def test_names_given_for_a_page_come_before_those_of_the_brand() -> None:
    signed = Compliance("Anna", "Bruno", "internal").signed("Carla", None)
    assert [row["text"] for row in signed.rows("en")[:2]] == ["Carla", "Bruno"]


def test_names_alone_make_no_rows() -> None:
    assert Compliance("Anna", "Bruno").rows("it") == []


@pytest.mark.parametrize(
    ("people", "words"),
    [
        (("Anna Verdi", "anna  verdi"), "same person prepared and reviewed"),
        ((None, "Bruno"), "not who prepared it"),
        (("Anna", "Bruno"), None),
        (("Anna", None), None),
    ],
)
def test_a_review_of_ones_own_work_is_remarked(
    people: tuple[str | None, str | None], words: str | None
) -> None:
    found = [finding.text.en for finding in Compliance(*people).findings()]
    assert (words is None) == (not found)
    assert words is None or words in found[0]
