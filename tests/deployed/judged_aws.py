"""Run by the emulator's own interpreter: ministack, with functions in a bare interpreter and every permission noted.

`python judged_aws.py BARE_PYTHON RECORD`: functions run by BARE_PYTHON, in which nothing is installed, as on Lambda
only the package and its layer are there. Every answer to "may this role do that?" becomes a line of RECORD.

What the emulator does otherwise than AWS is put right: mail is judged on the identity it is sent from (and on its
configuration set), secrets read together are judged one by one, what arrives over loopback counts as sent over TLS,
which here nothing else can stand for, and functions find a handler for log lines, as in Lambda's own runtime. A layer
is unpacked once, not for each environment of each function.
"""

import hashlib
import json
import sys
import threading
import types
import zipfile
from pathlib import Path
from typing import Any

from ministack import app
from ministack.core import iam_actions, iam_evaluator, lambda_runtime
from ministack.core.responses import get_account_id
from ministack.services import ses_v2

TOGETHER = " "
SEND = "/v2/email/outbound-emails"
HANDLER = "import logging, sys\nlogging.getLogger().addHandler(logging.StreamHandler(sys.stderr))\n"


def note_every_judgement(record: Path) -> None:
    """Write who asked to do what with which resource, and whether a policy allowed it, as one JSON line each."""
    judge, lock = iam_evaluator.enforce, threading.Lock()

    def noting(key: str, action: str, service: str, region: str, resource_arn: str = "*", **more: Any) -> Any:
        denied = judge(key, action, service, region, resource_arn=resource_arn, **more)
        asked = iam_evaluator.resolve_caller_identity(key) or {}
        line = {"who": asked.get("userArn", ""), "action": action, "on": resource_arn, "allowed": denied is None}
        with lock, record.open("a") as lines:
            lines.write(json.dumps(line) + "\n")
        return denied

    def each(key: str, action: str, service: str, region: str, resource_arn: str = "*", **more: Any) -> Any:
        answers = (
            noting(key, action, service, region, resource_arn=arn, **more) for arn in resource_arn.split(TOGETHER)
        )
        return next((denied for denied in answers if denied), None)

    iam_evaluator.enforce = each


def judge_secrets_one_by_one() -> None:
    """https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html: GetParameters."""
    arn_of = iam_actions.extract_resource_arn

    def of_each(service: str, *call: Any) -> str:
        _method, _path, headers, body, _query, region, account = call
        if service != "ssm" or not headers.get("x-amz-target", "").endswith(".GetParameters"):
            return str(arn_of(service, *call))
        names = json.loads(body)["Names"]
        return TOGETHER.join(f"arn:aws:ssm:{region}:{account}:parameter/{name.lstrip('/')}" for name in names)

    iam_actions.extract_resource_arn = of_each


def judge_mail_by_its_sender() -> None:
    """https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsesv2.html: identity and set."""
    arn_of, refuse = iam_actions._ses_v2_resource_arn, app._enforce_ses_v2

    def sender(method: str, path: str, body: bytes, region: str, account: str) -> str:
        if path.rstrip("/") != SEND:
            return str(arn_of(method, path, body, region, account))
        address = json.loads(body)["FromEmailAddress"].rpartition("<")[2].rstrip("> ")
        name = address if address in ses_v2._identities else address.rpartition("@")[2]
        return f"arn:aws:ses:{region}:{account}:identity/{name}"

    def by_both(method: str, path: str, headers: Any, body: bytes, query: Any, request_id: str) -> Any:
        denied = refuse(method, path, headers, body, query, request_id)
        named = json.loads(body).get("ConfigurationSetName") if path.rstrip("/") == SEND else None
        if denied or not named:
            return denied
        arn = f"arn:aws:ses:{app.extract_region(headers, query)}:{get_account_id()}:configuration-set/{named}"
        return app._enforce_data_plane("sesv2", "ses:SendEmail", headers, query, request_id, resource_arn=arn)

    iam_actions._ses_v2_resource_arn, app._enforce_ses_v2 = sender, by_both


def count_loopback_as_tls() -> None:
    """The bucket's policy refuses plain HTTP."""
    pin = app.pin_request_origin
    app.pin_request_origin = lambda source_ip, secure_transport: pin(source_ip, True)


def unpack_layers_once(folder: Path) -> None:
    """Environments share an unpacked layer, which on Lambda, too, is a folder that cannot be written."""
    lock = threading.Lock()

    class Archive(zipfile.ZipFile):
        def extractall(self, path: Any = None, *rest: Any) -> None:
            if not any(name.startswith("python/") for name in self.namelist()):
                return super().extractall(path, *rest)
            inside = repr([(entry.filename, entry.CRC) for entry in self.infolist()])
            home = folder / hashlib.sha256(inside.encode()).hexdigest()
            with lock:
                if not home.exists():
                    super().extractall(home)
            for child in home.iterdir():
                Path(path, child.name).symlink_to(child)
            return None

    lambda_runtime.zipfile = types.SimpleNamespace(**{**vars(zipfile), "ZipFile": Archive})


if __name__ == "__main__":
    bare, record = sys.argv[1:]
    note_every_judgement(Path(record))
    judge_mail_by_its_sender()
    judge_secrets_one_by_one()
    count_loopback_as_tls()
    unpack_layers_once(Path(record).with_name("layers"))
    lambda_runtime._PYTHON_WORKER_SCRIPT = HANDLER + lambda_runtime._PYTHON_WORKER_SCRIPT
    sys.executable = bare
    sys.argv[1:] = []
    app.main()
