"""The workbook: the only room that knows cells, sheets and packages."""
