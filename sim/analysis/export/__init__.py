"""Results for other programs: tables of text, workbooks for spreadsheets, labelled arrays of larray."""

from sim.analysis.export.labelled import folder_of_arrays, from_larray, to_larray
from sim.analysis.export.tables import INDICATORS, indicator_table, table

__all__ = ["INDICATORS", "folder_of_arrays", "from_larray", "indicator_table", "table", "to_larray"]
