"""Call logs that come as tables: CSV, TSV and XLSX, read by the mappings of wacost.toml.

`grid` reads the cells, `header` finds the columns, `moments`, `lengths`, `numbers` and `words` the
meaning of a cell, `outcome` and `rows` that of a row. Each row becomes a body of Meta's shape and
goes the way of a webhook, with its file and line. `choose` says which mapping fits a file.
"""
