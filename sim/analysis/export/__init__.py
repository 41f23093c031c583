"""Results for other programs: tables of text, workbooks for spreadsheets, labelled arrays of larray."""

from sim.analysis.export.arrays import from_larray, larray_file, to_larray
from sim.analysis.export.tables import INDICATORS, indicator_table, table
from sim.analysis.export.xlsx import workbook

__all__ = ["INDICATORS", "from_larray", "indicator_table", "larray_file", "table", "to_larray", "workbook"]
