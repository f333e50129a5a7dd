"""Messages of the payment partner: a charge was paid, failed or taken back."""

import hashlib
import hmac
import json
import logging
import os
import time

log = logging.getLogger(__name__)

TOLERANCE_SECONDS = 300
KNOWN = {"charge.paid", "charge.failed", "charge.refunded"}


class RefusedMessage(Exception):
    """A message that is not the partner's, too old, or of a kind we do not know."""


def read_message(body, signature, sent_at):
    """The message in `body`, if the partner signed it within the last five minutes."""
    if abs(time.time() - int(sent_at)) > TOLERANCE_SECONDS:
        raise RefusedMessage("too old")
    secret = os.environ["PARTNER_WEBHOOK_SECRET"].encode()
    wanted = hmac.new(secret, sent_at.encode() + b"." + body, hashlib.sha256).hexdigest()
    if wanted != signature:
        raise RefusedMessage("wrong signature")
    message = json.loads(body)
    if message.get("type") not in KNOWN:
        raise RefusedMessage("unknown kind")
    return message


def book(connection, message):
    """Write a message into the bookings once, however often the partner sends it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO partner_messages (id, type, received) VALUES (%s, %s, now()) ON CONFLICT DO NOTHING",
            (message["id"], message["type"]),
        )
        if cursor.rowcount == 0:
            log.info("message %s came again", message["id"])
            return False
        state = message["type"].partition(".")[2]
        cursor.execute("UPDATE charges SET state = %s WHERE partner_id = %s", (state, message["charge"]))
    connection.commit()
    return True


def find_messages(connection, kind, day):
    """Messages of one kind and day, for the support desk."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, type FROM partner_messages WHERE type = '" + kind + "' AND received::date = %s", (day,))
        return cursor.fetchall()
