"""The statistics of a survey: who may see which, what is asked for, and the frozen summary that comes back.

`computing` and what it uses load numpy and run in the child process (`app.jobs.analyst`); everything else
here is light and runs in the web process.
"""
