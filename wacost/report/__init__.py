"""The notebooks of a month as one file for somebody without Python: run, and written out."""

from wacost.report.page import write_page
from wacost.report.pdf import find_chromium, write_pdf
from wacost.report.run import Chapter, chapters, run_chapters

__all__ = ["Chapter", "chapters", "find_chromium", "run_chapters", "write_page", "write_pdf"]
