"""Documents for paper: one description of what a document says, written as PDF or Word. Only the worker writes."""
