"""`python -m app.jobs`: the worker process. One thread does jobs and the timetable, one sends mail."""

import logging
import signal
import threading
from types import FrameType

from app import create_app
from app.jobs import deliveries, load, runner


def main() -> None:
    """Run until SIGTERM or SIGINT; a job that is under way is finished or taken over later."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    app = create_app()
    load()
    stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    post = threading.Thread(target=deliveries.run_forever, args=(app, stopping.is_set), daemon=True)
    post.start()
    runner.run_forever(app, stopping.is_set)
    post.join(timeout=5)


if __name__ == "__main__":
    main()
