"""Real figures that nobody here made. They lie beside the project, not in it; a test that needs them says so where they are absent."""

from __future__ import annotations

from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data"


def needs(*names: str) -> pytest.MarkDecorator:
    """The mark of a test that reads `../shared/data/NAME` for each of `names`."""
    absent = [name for name in names if not (FOLDER / name).exists()]
    return pytest.mark.skipif(bool(absent), reason=f"{', '.join(absent)} is not in ../shared/data")
