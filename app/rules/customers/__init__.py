"""What a customer may look like: the mapping of an import and the cleaning of its rows."""
