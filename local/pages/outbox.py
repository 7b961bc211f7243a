"""The outbox: mails as a list, one by one, and as JSON."""

from typing import Any

from flask import Blueprint, Response, abort, jsonify, render_template, request

from local.outbox import Mail


def pages(stack: Any) -> Blueprint:
    """`/outbox`, `/outbox.json` and one page per mail."""
    routes = Blueprint("outbox", __name__)

    def found(mail_id: str) -> Mail:
        return stack.outbox.find(mail_id) or abort(404)

    @routes.get("/outbox")
    def listing() -> str:
        return render_template("outbox.html", mails=stack.outbox.all())

    @routes.get("/outbox.json")
    def as_json() -> Response:
        base = request.host_url + "_local/outbox"
        return jsonify([mail.summary(base) for mail in stack.outbox.all()])

    @routes.get("/outbox/<mail_id>")
    def one(mail_id: str) -> str:
        mail = found(mail_id)
        return render_template("mail.html", mail=mail, summary=mail.summary(request.script_root + "/outbox"))

    @routes.get("/outbox/<mail_id>/html")
    def html_part(mail_id: str) -> str:
        return '<base target="_top">' + found(mail_id).html

    @routes.get("/outbox/<mail_id>/raw")
    def raw(mail_id: str) -> Response:
        return Response(found(mail_id).raw, content_type="text/plain; charset=utf-8")

    @routes.get("/outbox/<mail_id>/attachments/<int:number>/<name>")
    def attachment(mail_id: str, number: int, name: str) -> Response:
        parts = found(mail_id).attachments
        if number >= len(parts) or parts[number].get_filename() != name:
            abort(404)
        return Response(parts[number].get_payload(decode=True), content_type=parts[number].get_content_type())

    return routes
