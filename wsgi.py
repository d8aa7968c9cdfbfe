"""The WSGI entry point."""

import sys

from app import create_app
from config import SettingError

try:
    app = create_app()
except SettingError as error:
    sys.exit(f"Heed can't start: {error}")
