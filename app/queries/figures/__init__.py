"""What summaries are made of, and how a computed one is kept: the same for surveys and for complaints.

`differing` loads numpy and is for the process that computes; `kept` asks that process and is for all others; `model` and
`formulas` are for both.
"""
