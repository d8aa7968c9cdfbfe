"""T29: a hundred thousand guesses at a customer's link. The number of a case is no secret; the link is."""

import random
import re
import string

from flask.testing import FlaskClient

from app.extensions import db
from app.models import FeedbackLink
from app.queries.links import feedback_by, link_key
from app.rules.complaints import State, number_of
from app.rules.links import NONCE_BYTES, Purpose, proves
from tests.blueprints.intake.people import Opens

SIGNS = string.ascii_letters + string.digits + "-_"
ALL = 100_000
BY_HTTP = 300


def guesses(token: str) -> list[str]:
    """Numbers in a row, every neighbour of a good link, what a copy of the database leaves to guess, and pure chance."""
    chance, public = random.Random(29), NONCE_BYTES * 4 // 3
    found = {token[:place] + sign + token[place + 1 :] for place in range(len(token)) for sign in SIGNS}
    found |= {number_of(2026, running) for running in range(1, 10_000)}
    while len(found) < ALL // 2:
        found.add(token[:public] + "".join(chance.choices(SIGNS, k=len(token) - public)))
    while len(found) <= ALL:
        found.add("".join(chance.choices(SIGNS, k=len(token))))
    return sorted(found - {token})


def test_a_hundred_thousand_guesses_prove_nothing(opens: Opens) -> None:
    """T29: asked of the proof alone, for the very row; the look-up is one obstacle more."""
    holder = opens(State.RESOLVED)
    number = holder.case().feedback_id
    link, key = db.session.get_one(FeedbackLink, number), link_key()
    tried = guesses(holder.token)
    assert len(tried) >= ALL
    nonce = link.nonce
    assert [one for one in tried if proves(one, key, Purpose.FOLLOW, number, nonce)] == []
    assert proves(holder.token, key, Purpose.FOLLOW, number, nonce)
    neighbours = [one for one in tried if one[:-1] == holder.token[:-1] or one[1:] == holder.token[1:]]
    assert len(neighbours) > 100
    assert all(feedback_by(one) is None for one in neighbours)
    assert feedback_by(holder.token) is not None


def test_guesses_by_http_all_get_the_same_answer_and_lock_nobody_out(
    opens: Opens, client: FlaskClient
) -> None:
    """T29: 404 until the limit, then 429; whoever has a good link, at the same address, reads on."""
    holder, other = opens(State.RESOLVED), opens(State.RECEIVED)
    tried = random.Random(7).sample(guesses(holder.token), BY_HTTP)
    bodies: dict[int, set[str]] = {}
    for place, guess in enumerate(tried):
        answer = client.get(f"/c/{guess}", headers={"Accept-Language": "en"}, check_html=False)
        bodies.setdefault(answer.status_code, set()).add(re.sub(r'nonce="[^"]+"', "", answer.text))
        if place % 60 == 0:
            assert holder.look().status_code == other.look().status_code == 200
    assert {status: len(found) for status, found in bodies.items()} == {404: 1, 429: 1}
    assert holder.send("answer", solved="yes").status_code == 303
    assert holder.case().state == "closed"
