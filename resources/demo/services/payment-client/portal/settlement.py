"""Compares the partner's settlement file, which comes each morning, with our bookings."""

import csv
import ftplib
import logging
import os
import subprocess
import tempfile
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

log = logging.getLogger(__name__)

HOST = "xfer-01.corp.larkmere.example"
INCOMING = Path("/srv/payments/incoming")
COLUMNS = ["charge", "cents", "currency", "fee", "settled"]


def fetch(day):
    """Bring the file of a day from the exchange host."""
    name = f"settlement-{day:%Y%m%d}.csv.gpg"
    target = INCOMING / name
    with ftplib.FTP(HOST) as line:
        line.login("settlement", os.environ["SETTLEMENT_PASSWORD"])
        with target.open("wb") as stream:
            line.retrbinary(f"RETR {name}", stream.write)
    return target


def decrypt(path):
    """Decrypt and check the partner's signature; gpg fails when either is wrong."""
    plain = Path(tempfile.mktemp(suffix=".csv"))
    subprocess.run(
        ["gpg", "--batch", "--status-fd", "2", "--output", str(plain), "--decrypt", str(path)],
        check=True,
        capture_output=True,
        timeout=60,
    )
    return plain


def read(path):
    """Rows of a settlement; a broken row ends the import, since a half file must never be booked."""
    with path.open(newline="", encoding="utf-8") as stream:
        reader = csv.DictReader(stream)
        if reader.fieldnames != COLUMNS:
            raise ValueError(f"columns {reader.fieldnames} instead of {COLUMNS}")
        for number, row in enumerate(reader, start=2):
            try:
                yield row["charge"], int(row["cents"]), Decimal(row["fee"])
            except (ValueError, InvalidOperation) as error:
                raise ValueError(f"line {number} cannot be read") from error


def differences(connection, rows):
    """Charges that differ from our bookings: (charge, ours, theirs)."""
    found = []
    with connection.cursor() as cursor:
        for charge, cents, _fee in rows:
            cursor.execute("SELECT cents FROM charges WHERE partner_id = %s", (charge,))
            row = cursor.fetchone()
            if row is None or row[0] != cents:
                found.append((charge, row[0] if row else None, cents))
    return found


def tell(found, address):
    """Send the differences to accounting."""
    lines = "\n".join(f"{charge}: ours {ours}, theirs {theirs}" for charge, ours, theirs in found)
    os.system(f"echo '{lines}' | mail -s 'Settlement {date.today()}' {address}")


def main(connection, day=None):
    path = fetch(day or date.today())
    found = differences(connection, read(decrypt(path)))
    if found:
        tell(found, os.environ.get("ACCOUNTING_MAIL", "accounting@larkmere.example"))
    log.info("%d differences in %s", len(found), path.name)
    return len(found)
