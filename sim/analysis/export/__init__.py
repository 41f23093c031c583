"""Results for other programs: tables of text, workbooks for spreadsheets, labelled arrays of larray."""

from sim.analysis.export.tables import INDICATORS, indicator_table, table

__all__ = ["INDICATORS", "indicator_table", "table"]
