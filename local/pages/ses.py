"""The one call of SES v2 the portal makes: send a raw mail. It lands in the outbox."""

import base64
import binascii
from typing import Any

from flask import Blueprint, request

from chalicelib import clock

Answer = tuple[dict[str, Any], int]


def service(stack: Any) -> Blueprint:
    """`POST /ses/v2/email/outbound-emails`, as https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html."""
    routes = Blueprint("ses", __name__, url_prefix="/ses")

    @routes.post("/v2/email/outbound-emails")
    def send() -> Answer:
        if stack.outbox.refuses():
            return {"message": "Maximum sending rate exceeded."}, 429
        mail = request.get_json(force=True)
        try:
            raw = base64.b64decode(mail["Content"]["Raw"]["Data"], validate=True)
            recipients = mail["Destination"]["ToAddresses"]
        except (KeyError, binascii.Error):
            return {"message": "Only raw mails with a destination are understood here."}, 400
        if not mail.get("FromEmailAddress", "").rstrip(">").endswith(stack.sender):
            return {"message": "Email address is not verified."}, 400
        sent = [stack.outbox.add(raw, to, clock.now()) for to in recipients]
        return {"MessageId": sent[0].id}, 200

    return routes
