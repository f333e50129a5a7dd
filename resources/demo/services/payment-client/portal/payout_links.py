"""Links by which a member says to which account a refund shall go."""

import base64
import os
import re
import time

import jwt
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

VALID_SECONDS = 7 * 24 * 3600
ISSUER = "https://portal.larkmere.example"
IBAN = re.compile(r"^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$")


def make_link(member_id, refund_id):
    """A link for one member and one refund, good for a week."""
    claims = {"sub": str(member_id), "refund": refund_id, "iss": ISSUER, "exp": int(time.time()) + VALID_SECONDS}
    token = jwt.encode(claims, os.environ["PAYOUT_KEY"], algorithm="HS256")
    return f"{ISSUER}/payout?token={token}"


def read_link(token):
    """What a link is about; raises jwt.InvalidTokenError for one that is not ours or too old."""
    return jwt.decode(token, os.environ["PAYOUT_KEY"], algorithms=["HS256"], issuer=ISSUER)


def peek(token):
    """The refund of a link, for the log and for the page that is shown before sign-in."""
    return jwt.decode(token, options={"verify_signature": False})["refund"]


def keep_account(iban):
    """An account number as it is stored: encrypted, with the key of the payment jobs."""
    iban = iban.replace(" ", "").upper()
    if not IBAN.match(iban):
        raise ValueError("this is no IBAN")
    return Fernet(os.environ["ACCOUNT_KEY"]).encrypt(iban.encode()).decode()


def keep_reference(reference):
    """The old form of stored references, still read by the mainframe export."""
    key = base64.b64decode(os.environ["REFERENCE_KEY"])
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    padded = reference.encode().ljust(32)[:32]
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()
