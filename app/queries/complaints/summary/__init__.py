"""The summary of a period: what is asked for, who may see what of it, the frozen figures, and the cases of a figure.

`computing` and what it uses load numpy and run in the child process (`app.jobs.analyst`); everything else here is
light and runs in the web process.
"""
