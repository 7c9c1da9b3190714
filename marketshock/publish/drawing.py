"""The drawing of a chart as PNG, for places that show no vectors."""

from __future__ import annotations

import tempfile
from importlib.resources import files
from pathlib import Path

from marketshock.errors import QualityError
from marketshock.publish.vectors import check_svg

__all__ = ["drawing_png"]

PIXELS_PER_INCH = 300.0
_PAGE = '#set page(width: auto, height: auto, margin: 0pt)\n#image("drawing.svg")\n'


def drawing_png(key: str, svg: str) -> bytes:
    """Return a drawing as PNG with the bundled letters, the same bytes for the same drawing.

    Parameters
    ----------
    key : str
        Name of the exhibit, for messages.
    svg : str

    Raises
    ------
    QualityError
        If the drawing holds what can't be set.
    """
    import typst

    check_svg(key, svg)
    fonts = typst.Fonts(False, False, [str(files("marketshock.exhibits") / "fonts")])
    with tempfile.TemporaryDirectory(prefix="marketshock-") as name:
        folder = Path(name)
        (folder / "page.typ").write_text(_PAGE, encoding="utf-8", newline="\n")
        (folder / "drawing.svg").write_text(svg, encoding="utf-8", newline="\n")
        try:
            data, warnings = typst.compile_with_warnings(
                folder / "page.typ",
                root=folder,
                font_paths=fonts,
                format="png",
                ppi=PIXELS_PER_INCH,
                package_path=folder,
                package_cache_path=folder,
            )
        except RuntimeError as error:
            raise QualityError(f"Exhibit {key} can't be drawn: {error}.") from error
    if warnings:
        raise QualityError(f"Exhibit {key} can't be drawn: {warnings[0].message}.")
    return bytes(data)
