"""What the demonstration customers think: a small model with a real rise and a real fall in it.

Each customer has a general disposition that stays over the years; each branch and each item has a level of
its own. From one year to the next only two items move for everybody: clear fees rise, being kept informed falls.
"""

import random
from typing import Any

from app.services.demo.words import REASONS

# mean on 1–5 and share of "not applicable"
ITEMS: dict[str, tuple[float, float]] = {
    "reach": (4.05, 0.03),
    "understanding": (4.0, 0.03),
    "plan_fit": (3.9, 0.04),
    "plan_clarity": (3.85, 0.04),
    "plan_fees": (3.3, 0.03),
    "schedule": (3.75, 0.04),
    "skill": (4.2, 0.02),
    "updates": (3.8, 0.03),
    "problem_speed": (3.2, 0.0),
    "problem_result": (3.5, 0.0),
    "follow_up": (3.55, 0.08),
    "later_help": (3.8, 0.15),
}
BRANCH_LEVELS = {"CX": 0.12, "CD": 0.05, "BJ": -0.28, "XS": 0.02}
RISE_ITEM, RISE = "plan_fees", 0.55
FALL_ITEM, FALL = "updates", -0.5


def disposition(rng: random.Random) -> float:
    """A customer's general inclination, mean 0, SD 0.55."""
    return rng.gauss(0, 0.55)


def answers(rng: random.Random, *, leaning: float, branch: str, wave: int) -> dict[str, Any]:
    """Raw answers to the touch-points questionnaire; routing is applied by the caller.

    `wave` counts the years from 0.
    """
    level = leaning + BRANCH_LEVELS[branch]
    document: dict[str, Any] = {
        "service_kind": rng.choice(("consulting", "training", "project", "maintenance")),
        "problem": rng.choices(("none", "told", "silent"), weights=(62, 27, 11))[0],
    }
    scores = []
    for code, (mean, not_applicable) in ITEMS.items():
        if rng.random() < not_applicable:
            document[code] = "na"
            continue
        score = _five_points(rng, mean + level + _moved(code, wave))
        document[code] = score
        scores.append(score)
    average = sum(scores) / len(scores)
    trouble = 0.35 if document["problem"] == "told" else 0.0
    document["overall"] = _five_points(rng, 0.75 * average + 0.25 * (3.8 + level) + 0.05 - trouble, 0.5)
    document["effort"] = min(7, max(1, round(rng.gauss(1.2 * document["overall"] + 0.3, 1.0))))
    document["nps"] = min(10, max(0, round(rng.gauss(2.0 * document["overall"] + 0.7, 1.4))))
    document["problem_silent"] = rng.choice(("small", "who", "useless", "trouble"))
    document["worst_step"] = rng.choice(("plan", "delivery", "problem", "support"))
    if rng.random() < 0.38:
        mood = 2 if document["nps"] >= 9 else 1 if document["nps"] >= 7 else 0
        document["nps_reason"] = rng.choice(REASONS[mood])
    return document


def _moved(code: str, wave: int) -> float:
    if wave == 0:
        return 0.0
    return RISE if code == RISE_ITEM else FALL if code == FALL_ITEM else 0.0


def _five_points(rng: random.Random, mean: float, spread: float = 0.75) -> int:
    return min(5, max(1, round(rng.gauss(mean, spread))))
