"""PDF without markup. Only who makes one imports this: fpdf brings half a second of fonts and pictures along."""

from collections.abc import Sequence

from fpdf import FPDF
from fpdf.enums import Align, XPos, YPos


class Paper(FPDF):
    """Plain cells: the built-in fonts need no file, and know the letters of Western Europe; others become "?"."""

    def __init__(self) -> None:
        super().__init__(orientation="landscape", format="A4")
        self.core_fonts_encoding = "cp1252"

    def line_of(self, text: str, *, size: int = 9, bold: bool = False) -> None:
        """A paragraph of its own."""
        self.set_font("Helvetica", "B" if bold else "", size)
        self.multi_cell(0, size * 0.55, _western(text), new_x=XPos.LMARGIN, new_y=YPos.NEXT, markdown=False)

    def table_of(
        self, columns: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float], *, amounts: Sequence[int]
    ) -> None:
        """A table with its head on each page; the columns `amounts` stand to the right."""

        def draw(row: Sequence[str], style: str) -> None:
            self.set_font("Helvetica", style, 8)
            for place, (text, width) in enumerate(zip(row, widths, strict=True)):
                align = Align.R if place in amounts else Align.L
                self.cell(width, 5, self._fitting(_western(text), width), border="B", align=align, markdown=False)
            self.ln(5)

        self.ln(3)
        draw(columns, "B")
        for row in rows:
            if self.will_page_break(5):
                self.add_page()
                draw(columns, "B")
            draw(row, "")

    def footer(self) -> None:
        """The number of the page; fpdf asks for it."""
        self.set_y(-10)
        self.set_font("Helvetica", "", 8)
        self.cell(0, 5, f"{self.page_no()} / {{nb}}", align=Align.R)

    def _fitting(self, text: str, width: float) -> str:
        """The text, shortened to its column."""
        if self.get_string_width(text) <= width - 2:
            return text
        while text and self.get_string_width(text + "...") > width - 2:
            text = text[: int(len(text) * 0.9) - 1] if len(text) > 12 else text[:-1]
        return text + "..."


def _western(text: str) -> str:
    """The text in the letters that the built-in fonts have; a minus sign is none of them."""
    text = text.replace("\N{MINUS SIGN}", "-")
    return " ".join(text.replace("\u00a0", " ").split()).encode("cp1252", "replace").decode("cp1252")
