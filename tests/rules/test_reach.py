"""Which addresses lead nowhere for a customer."""

import pytest

from app.rules.reach import Reach, reach_of


@pytest.mark.parametrize(
    ("address", "reach"),
    [
        ("http://localhost:8000", Reach.MACHINE),
        ("http://heed.localhost", Reach.MACHINE),
        ("http://127.0.0.1:8000", Reach.MACHINE),
        ("http://127.8.9.1", Reach.MACHINE),
        ("http://[::1]:8000", Reach.MACHINE),
        ("http://0.0.0.0:8000", Reach.MACHINE),
        ("http://192.168.1.20:8000", Reach.NETWORK),
        ("http://10.1.2.3", Reach.NETWORK),
        ("http://172.16.0.9", Reach.NETWORK),
        ("http://[fd00::1]", Reach.NETWORK),
        ("http://survey", Reach.NETWORK),
        ("http://survey.local", Reach.NETWORK),
        ("http://heed.lan.", Reach.NETWORK),
        ("https://survey.example.com", Reach.EVERYWHERE),
        ("https://8.8.8.8", Reach.EVERYWHERE),
        ("https://localhost.example.com", Reach.EVERYWHERE),
        ("https://问卷.example.cn", Reach.EVERYWHERE),
    ],
)
def test_an_address_tells_how_far_it_leads(address: str, reach: Reach) -> None:
    assert reach_of(address) == reach
