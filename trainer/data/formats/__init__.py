"""Files that grids publish, known by their headers: one declarative entry each, in `table`.

One more format is an entry there and a sample beside the tests.
"""

from __future__ import annotations

from trainer.data.formats.file_format import FileFormat, recognised
from trainer.data.formats.publishers import FORMATS

__all__ = ["FORMATS", "FileFormat", "recognised"]
