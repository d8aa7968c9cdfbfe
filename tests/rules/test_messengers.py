"""Addresses of messengers, what goes over the line, and what an answer means."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from app.errors import Refused
from app.rules import messengers
from app.rules.messengers import Kind, State, Weight
from app.rules.notices import Kind as Notice

NOW = datetime(2026, 10, 12, 2, 0, tzinfo=UTC)
GOOD = {
    Kind.WECOM: "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa",
    Kind.DINGTALK: "https://oapi.dingtalk.com/robot/send?access_token=66b1",
    Kind.FEISHU: "https://open.feishu.cn/open-apis/bot/v2/hook/8a2f-55c0",
    Kind.SLACK: "https://hooks.slack.com/services/T000/B000/XXXX",
}


@pytest.mark.parametrize("kind", Kind)
def test_the_address_of_each_messenger_is_taken(kind: Kind) -> None:
    place = messengers.place_of(kind, GOOD[kind])
    assert f"https://{place.host}{place.path}" == GOOD[kind]
    assert place.host in messengers.hosts_of(kind)


def test_lark_is_feishu() -> None:
    found = messengers.place_of(Kind.FEISHU, "https://open.larksuite.com/open-apis/bot/v2/hook/8a2f")
    assert found.host == "open.larksuite.com"


@pytest.mark.parametrize("kind", Kind)
def test_no_messenger_takes_the_address_of_another(kind: Kind) -> None:
    for other, address in GOOD.items():
        if other is not kind:
            with pytest.raises(Refused, match="other_host"):
                messengers.place_of(kind, address)


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("http://hooks.slack.com/services/T0/B0/X", "not_https"),
        ("file:///etc/passwd", "not_https"),
        ("gopher://hooks.slack.com/services/T0", "not_https"),
        ("https://127.0.0.1/services/T0/B0/X", "other_host"),
        ("https://[::1]/services/T0/B0/X", "other_host"),
        ("https://[::ffff:127.0.0.1]/services/T0", "other_host"),
        ("https://169.254.169.254/services/T0", "other_host"),
        ("https://2130706433/services/T0", "other_host"),
        ("https://localhost/services/T0", "other_host"),
        ("https://hooks.slack.com.evil.example/services/T0", "other_host"),
        ("https://evil.example/hooks.slack.com/services/T0", "other_host"),
        ("https://hooks.slack.com@evil.example/services/T0", "other_host"),
        ("https://user:pass@hooks.slack.com/services/T0", "other_host"),
        ("https://hooks.slack.com:8080/services/T0", "other_host"),
        ("https://hooks.slack.com:99999/services/T0", "other_path"),
        ("https://hooks.slack.com\\@evil.example/services/T0", "other_path"),
        ("https://hooks.slack.com/services/T0#x", "other_path"),
        ("https://hooks.slack.com/services/", "other_path"),
        ("https://hooks.slack.com/services/../../api", "other_path"),
        ("https://hooks.slack.com/services/T0\r\nHost: evil", "other_path"),
        ("https://hooks.slack.com/services/T 0", "other_path"),
        ("https://hooks.slack.com/", "other_path"),
        ("https://hooks.slack.com/services/" + "x" * 400, "other_path"),
        ("https://[/services/T0", "other_path"),
        ("", "other_path"),
        ("钩子", "other_path"),
    ],
)
def test_every_other_address_is_refused(address: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        messengers.place_of(Kind.SLACK, address)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "address", ["https://qyapi.weixin.qq.com/cgi-bin/webhook/send", "https://qyapi.weixin.qq.com/?key=x"]
)
def test_an_address_without_its_key_is_not_complete(address: str) -> None:
    with pytest.raises(Refused, match="other_path"):
        messengers.place_of(Kind.WECOM, address)


def request(
    kind: Kind, secret: str = "", text: str = "投诉 <b> & 26-00042-8"
) -> tuple[str, dict[str, object]]:
    path, body = messengers.request_of(kind, messengers.place_of(kind, GOOD[kind]), secret, text, NOW)
    return path, json.loads(body)


def test_each_messenger_gets_its_own_shape() -> None:
    text = "投诉 <b> & 26-00042-8"
    assert request(Kind.WECOM)[1] == {"msgtype": "text", "text": {"content": text}}
    assert request(Kind.DINGTALK)[1] == {"msgtype": "text", "text": {"content": text}}
    assert request(Kind.FEISHU)[1] == {"msg_type": "text", "content": {"text": text}}
    assert request(Kind.SLACK)[1] == {"text": "投诉 &lt;b&gt; &amp; 26-00042-8"}


def test_signatures_are_those_of_the_messengers() -> None:
    # Computed with `openssl dgst -sha256 -hmac … -binary | base64` over the texts their documentation names.
    path, _body = request(Kind.DINGTALK, "SEC000")
    stamp = "1791770400000"
    assert (
        path
        == f"/robot/send?access_token=66b1&timestamp={stamp}&sign=KS89IS5%2FrWasBkc9sKUFC1FgF%2BF1wup2q1ToWliE3OQ%3D"
    )
    _path, body = request(Kind.FEISHU, "SEC000")
    assert (body["timestamp"], body["sign"]) == ("1791770400", "bCftsTSxrQaNBwYkk2KPPi+/d+qiYoq4G6CQjiDougo=")


@pytest.mark.parametrize("kind", [Kind.WECOM, Kind.SLACK])
def test_where_nothing_is_signed_a_secret_changes_nothing(kind: Kind) -> None:
    assert request(kind, "SEC000") == request(kind)


@pytest.mark.parametrize(
    ("kind", "status", "body", "state", "reason"),
    [
        (Kind.WECOM, 200, b'{"errcode":0,"errmsg":"ok"}', State.SENT, ""),
        (Kind.WECOM, 200, b'{"errcode":93000,"errmsg":"invalid webhook url"}', State.FAILED, "code_93000"),
        (Kind.WECOM, 200, b'{"errcode":45009}', State.QUEUED, "too_fast"),
        (Kind.DINGTALK, 200, b'{"errcode":310000,"errmsg":"sign not match"}', State.FAILED, "code_310000"),
        (Kind.DINGTALK, 200, b'{"errcode":130101}', State.QUEUED, "too_fast"),
        (Kind.FEISHU, 200, b'{"code":0,"msg":"success"}', State.SENT, ""),
        (Kind.FEISHU, 200, b'{"StatusCode":0,"StatusMessage":"success"}', State.SENT, ""),
        (Kind.FEISHU, 200, b'{"code":19021,"msg":"sign match fail"}', State.FAILED, "code_19021"),
        (Kind.FEISHU, 200, b'{"code":11232}', State.QUEUED, "too_fast"),
        (Kind.SLACK, 200, b"ok", State.SENT, ""),
        (Kind.SLACK, 200, b"<html>", State.UNKNOWN, "odd_answer"),
        (Kind.SLACK, 404, b"no_service", State.FAILED, "status_404"),
        (Kind.SLACK, 429, b"", State.QUEUED, "too_fast"),
        (Kind.SLACK, 503, b"", State.QUEUED, "busy"),
        (Kind.SLACK, 302, b"", State.FAILED, "redirected"),
        (Kind.WECOM, 504, b"", State.UNKNOWN, "status_504"),
        (Kind.WECOM, 200, b"[]", State.UNKNOWN, "odd_answer"),
        (Kind.WECOM, 200, b'{"errcode":null}', State.UNKNOWN, "odd_answer"),
        (Kind.WECOM, 200, b"\xff", State.UNKNOWN, "odd_answer"),
        (Kind.WECOM, None, b"", State.UNKNOWN, "no_answer"),
    ],
)
def test_what_an_answer_means(kind: Kind, status: int | None, body: bytes, state: State, reason: str) -> None:
    judged = messengers.verdict(kind, status, body)
    assert (judged.state, judged.reason) == (state, reason)
    assert judged.again is (state is State.QUEUED)


def test_tries_come_to_an_end() -> None:
    waits = [messengers.next_try(n, NOW) for n in range(1, messengers.ATTEMPTS_LIMIT + 1)]
    assert waits[-1] is None
    assert waits[0] == NOW + timedelta(minutes=1)
    assert [w for w in waits if w] == sorted(w for w in waits if w)


@pytest.mark.parametrize(
    ("least", "told"),
    [
        ("all", {Weight.ALL, Weight.DEADLINES, Weight.CRITICAL}),
        ("deadlines", {Weight.DEADLINES, Weight.CRITICAL}),
        ("critical", {Weight.CRITICAL}),
        ("nonsense", set()),
    ],
)
def test_a_group_is_told_what_is_weighty_enough(least: str, told: set[Weight]) -> None:
    assert {weight for weight in Weight if messengers.is_told(least, weight)} == told


def test_what_is_weighty() -> None:
    assert messengers.weight_of(Notice.NEW, critical=False) is Weight.ALL
    assert messengers.weight_of(Notice.BREACHED, critical=False) is Weight.DEADLINES
    assert messengers.weight_of(Notice.NEW, critical=True) is Weight.CRITICAL
    assert messengers.weight_of(Notice.CRITICAL, critical=False) is Weight.CRITICAL
