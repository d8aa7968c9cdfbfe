"""Spreadsheets: reading what people send (.xlsx, .csv), writing what people take away (.xlsx).

`reader` and `writer` load heavy libraries and belong into the worker; everything else here is light.
What the columns mean is not known here: see `rules.customers.import_mapping`.
"""
