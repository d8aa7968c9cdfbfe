"""The entry points: `front` for Heed's own server, `app` for any WSGI server."""

import sys

from app import create_app
from app.web.front import Front
from config import SettingError

try:
    app = create_app()
except SettingError as error:
    sys.exit(f"Heed can't start: {error}")
front = Front(app)
