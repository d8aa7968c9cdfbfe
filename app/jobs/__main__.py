"""`python -m app.jobs`: the worker process. One thread does jobs and the timetable, one sends mail, one
reads it, one posts to messengers."""

import logging
import signal
import threading
from types import FrameType

from app import create_app
from app.jobs import deliveries, load, mailbox, messengers, runner, succession


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
    data = app.config["HEED"].data
    if not succession.take_post(data, stopping.is_set):
        return
    worker = succession.name_of_worker(data)
    post = threading.Thread(target=deliveries.run_forever, args=(app, worker, stopping.is_set), daemon=True)
    reader = threading.Thread(target=mailbox.run_forever, args=(app, stopping.is_set), daemon=True)
    poster = threading.Thread(target=messengers.run_forever, args=(app, stopping.is_set), daemon=True)
    with app.app_context():
        succession.settle(data)
    post.start()
    reader.start()
    poster.start()
    runner.run_forever(app, worker, stopping.is_set)
    post.join(timeout=5)
    reader.join(timeout=2)
    poster.join(timeout=2)


if __name__ == "__main__":
    main()
