"""Post a message to the group robot of a company chat.

The address of a robot is its password: it appears in no error and no log.
"""

import re

import requests

TIMEOUT = (3, 5)  # seconds to connect, seconds to answer
KINDS = [
    ("wecom", "WeCom"),
    ("dingtalk", "DingTalk"),
    ("feishu", "Feishu / Lark"),
    ("plain", "Other (plain JSON)"),
]


class WebhookError(Exception):
    """The robot did not take the message."""


def payload(kind, text, phone=None):
    """What the robot of ``kind`` expects; a person is mentioned by his mobile number."""
    mobile = _mobile(phone)
    if kind == "wecom":
        body = {"content": text}
        if mobile:
            body["mentioned_mobile_list"] = [mobile]
        return {"msgtype": "text", "text": body}
    if kind == "dingtalk":
        body = {"msgtype": "text", "text": {"content": text}}
        return body | {"at": {"atMobiles": [mobile] if mobile else [], "isAtAll": False}}
    if kind == "feishu":
        return {"msg_type": "text", "content": {"text": text}}
    return {"text": text}


def post(kind, url, message):
    """:raise WebhookError: with what the robot says, never with its address"""
    try:
        answer = requests.post(url, json=message, timeout=TIMEOUT, allow_redirects=False)
    except requests.RequestException as error:
        raise WebhookError(type(error).__name__) from None
    if not 200 <= answer.status_code < 300:
        raise WebhookError(f"HTTP {answer.status_code}")
    if kind in ("wecom", "dingtalk", "feishu"):
        _check_answer(answer)


def _check_answer(answer):
    """Robots refuse with HTTP 200 and a code: WeCom and DingTalk errcode, Feishu code."""
    try:
        result = answer.json()
    except ValueError:
        raise WebhookError("no JSON") from None
    result = result if isinstance(result, dict) else {}
    code = result.get("errcode") or result.get("code")
    if code:
        raise WebhookError(f"{code} {result.get('errmsg') or result.get('msg') or ''}".strip())


def _mobile(phone):
    """A mobile number of the mainland as chats know it: eleven digits."""
    digits = re.sub(r"\D", "", phone or "")
    digits = digits.removeprefix("0086").removeprefix("86") if len(digits) > 11 else digits
    return digits if len(digits) == 11 else None
