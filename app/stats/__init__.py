"""Statistics of customer satisfaction: arrays in, frozen values out.

Nothing here knows of pages, databases, clocks or languages, and nothing here imports more
than numpy and ``scipy.special``: a child process that has just started answers at once.
Arrays hold cleaned answers as floats, NaN for every answer that is not valid
(:mod:`app.stats.status`). ``docs/statistics.md`` describes every published figure.
"""
