"""The stage's secrets in SSM, encrypted. They are read from the terminal or standard input, never from arguments."""

import getpass
import re
import sys

from botocore.exceptions import ClientError

from chalicelib.storage.secrets import STRIPE_KEY
from chalicelib.storage.secrets import WEBHOOK as WEBHOOK_SECRET
from ops.aws import Account, code_of, plainly
from ops.stage import Stage, Trouble

KEY = re.compile(r"(rk|sk)_(test|live)_\w+")


class SecretStore:
    """SecureString parameters below the stage's path."""

    def __init__(self, account: Account, stage: Stage) -> None:
        self._ssm, self._path = account.client("ssm"), stage.secrets

    def read(self, name: str) -> str:
        """The secret, or "" when there is none."""
        try:
            answer = self._ssm.get_parameter(Name=f"{self._path}/{name}", WithDecryption=True)
        except ClientError as error:
            if code_of(error) == "ParameterNotFound":
                return ""
            with plainly("read the stage's secrets"):
                raise
        return str(answer["Parameter"]["Value"])

    def write(self, name: str, value: str) -> None:
        """Keep it; functions use the new value within five minutes, or at the first refusal of the old one."""
        with plainly("keep a secret"):
            self._ssm.put_parameter(Name=f"{self._path}/{name}", Value=value, Type="SecureString", Overwrite=True)

    def forget(self) -> None:
        """Remove both."""
        with plainly("remove the stage's secrets"):
            self._ssm.delete_parameters(Names=[f"{self._path}/{name}" for name in (STRIPE_KEY, WEBHOOK_SECRET)])


def asked_for(publishable_key: str) -> str:
    """The running stack's Stripe key, from the terminal without echo or from standard input. Raises Trouble."""
    if sys.stdin.isatty():
        given = getpass.getpass("Restricted Stripe key for the running portal (rk_…): ")
    else:
        given = sys.stdin.readline()
    return checked(given.strip(), publishable_key)


def checked(key: str, publishable_key: str) -> str:
    """Raises Trouble for what is no secret key, or one of another mode than the publishable key."""
    found = KEY.fullmatch(key)
    if not found:
        raise Trouble("That is no Stripe secret key; it begins with rk_test_, rk_live_, sk_test_ or sk_live_")
    if f"pk_{found[2]}_" not in publishable_key:
        raise Trouble(f"This key is for {found[2]} mode, but the stage's publishable key is not")
    return key
