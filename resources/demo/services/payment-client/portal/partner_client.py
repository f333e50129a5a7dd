"""Calls to the payment partner."""

import os

import requests

BASE = "https://api.partner.example/v2"
TIMEOUT = 10


def headers():
    return {"Authorization": f"Bearer {os.environ['PARTNER_TOKEN']}"}


def charge(account, cents):
    if cents <= 0:
        raise ValueError("cents must be positive")
    answer = requests.post(
        f"{BASE}/charges",
        json={"account": account, "cents": cents},
        headers=headers(),
        timeout=TIMEOUT,
    )
    answer.raise_for_status()
    return answer.json()["id"]


def refund(charge_id, cents, reason):
    """Give back a charge or a part of it; the partner refuses more than was charged."""
    if cents <= 0 or not reason.strip():
        raise ValueError("cents must be positive and a reason is needed")
    answer = requests.post(
        f"{BASE}/charges/{charge_id}/refunds",
        json={"cents": cents, "reason": reason[:140]},
        headers=headers(),
        timeout=TIMEOUT,
    )
    answer.raise_for_status()
    return answer.json()["id"]


def state(charge_id):
    """What became of a charge: open, paid, failed or refunded."""
    answer = requests.get(f"{BASE}/charges/{charge_id}", headers=headers(), timeout=TIMEOUT)
    answer.raise_for_status()
    return answer.json()["state"]
