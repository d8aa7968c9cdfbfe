"""The health check for the supervisor and for monitoring."""

from flask import Blueprint, Response, jsonify

from app import clock
from app.queries import health
from app.web.access import public

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@public
def healthz() -> Response:
    """Database, migrations, age of the oldest queued delivery, last beat of the worker, trouble with the mailbox."""
    state = health.check(clock.now())
    response = jsonify(state.as_json())
    response.status_code = 200 if state.good else 503
    return response
