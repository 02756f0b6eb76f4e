"""A digest as files for those who pass it on or work on with it: a page to print, a workbook with numbers."""
