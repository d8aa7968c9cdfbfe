"""The customer register: keeping it by hand (`register`, `contacts`) and by spreadsheet (`imports` …)."""
