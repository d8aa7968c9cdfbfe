"""The demonstration firm: a service group with four branches, 600 customers and three yearly surveys.

Everything is drawn with a fixed seed, so two installations show the same firm. Later features add their
part here, so that no screen is ever empty.
"""

from app.services.demo.load import load

__all__ = ["load"]
