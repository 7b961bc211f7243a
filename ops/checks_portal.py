"""What is deployed, and whether customers reach it."""

import io
import platform
import tomllib
import zipfile
from collections.abc import Iterator

import requests
import stripe

from chalicelib.errors import NotConfigured
from ops.configuration import ROOT
from ops.finding import Finding, fine, wrong
from ops.finish import deployed_resources, is_deployed
from ops.patient import Patient
from ops.stage import Trouble

PARTIAL = "ReportBatchItemFailures"
SECONDS = 15


def deployed(patient: Patient) -> Iterator[Finding]:
    """The portal is deployed."""
    if is_deployed(patient.account, patient.stage):
        yield fine("the portal is deployed")
    else:
        yield wrong("nothing is deployed yet", patient.command("deploy"))


def versions(patient: Patient) -> Iterator[Finding]:
    """Versions fit together."""
    function = patient.stage.function("api_handler")
    runtime = patient.client("lambda").get_function_configuration(FunctionName=function)["Runtime"]
    here = "python" + ".".join(platform.python_version_tuple()[:2])
    tillkey = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    told = f"Tillkey {tillkey} here, {runtime} there, Stripe API {stripe.api_version}"
    if runtime != here:
        yield wrong(f"{told}; but this computer has {here}", f"{patient.command('deploy')} brings them together")
    else:
        yield fine(told)


def package(patient: Patient) -> Iterator[Finding]:
    """The package was compiled beforehand."""
    function = patient.stage.function("api_handler")
    location = patient.client("lambda").get_function(FunctionName=function)["Code"]["Location"]
    with zipfile.ZipFile(io.BytesIO(fetched(location))) as archive:
        compiled = any("__pycache__/" in name for name in archive.namelist())
    if compiled:
        yield fine("the package was compiled beforehand")
    else:
        yield wrong(
            "the package was built the slow way, so first pages take longer", f"deploy with {patient.command('deploy')}"
        )


def fetched(location: str) -> bytes:
    """The archive. Raises Trouble, in which the address, which is signed, is not named."""
    try:
        answer = requests.get(location, timeout=SECONDS)
    except requests.RequestException as error:
        raise Trouble(f"the archive could not be fetched ({type(error).__name__})") from error
    if answer.status_code != 200:
        raise Trouble(f"the archive could not be fetched ({answer.status_code})")
    return answer.content


def partial_batches(patient: Patient) -> Iterator[Finding]:
    """Work is taken from the queue."""
    function = patient.stage.function("worker")
    found = patient.client("lambda").list_event_source_mappings(FunctionName=function)["EventSourceMappings"]
    if not found:
        yield wrong("nobody takes work from the queue", patient.command("deploy"))
    elif any(mapping["State"] in {"Disabled", "Disabling"} for mapping in found):
        yield wrong(
            "nobody takes work from the queue",
            f"aws lambda update-event-source-mapping --enabled --uuid {found[0]['UUID']}",
        )
    elif any(PARTIAL not in mapping.get("FunctionResponseTypes", []) for mapping in found):
        yield wrong("a message that fails could be lost with those around it", patient.command("finish"))
    else:
        yield fine("work is taken from the queue, and what fails comes again one by one")


def settings(patient: Patient) -> Iterator[Finding]:
    """Settings are applied."""
    try:
        yield fine(f"the settings of {patient.settings.company.name} are applied")
    except NotConfigured:
        yield wrong("no settings are applied, so visitors see that the portal isn’t ready", patient.command("settings"))


def reachable(patient: Patient) -> Iterator[Finding]:
    """Customers reach it."""
    url = f"{patient.settings.public_url}/sign-in"
    try:
        status = requests.get(url, timeout=SECONDS, allow_redirects=False).status_code
    except requests.RequestException as error:
        yield wrong(f"{url} is out of reach ({type(error).__name__})", "does its DNS record point to the portal?")
        return
    if status == 200:
        yield fine(f"customers reach {url}")
    else:
        log = f"/aws/lambda/{patient.stage.function('api_handler')}"
        yield wrong(f"{url} answers {status}", f"aws logs tail {log} --since 1h says why")


def default_host(patient: Patient) -> Iterator[Finding]:
    """Only the portal’s own domain answers."""
    if not patient.choices.domain:
        return
    api = deployed_resources(patient.stage, patient.root)["rest_api"]["rest_api_id"]
    if patient.client("apigateway").get_rest_api(restApiId=api).get("disableExecuteApiEndpoint"):
        yield fine(f"only {patient.choices.domain} answers")
    else:
        yield wrong("API Gateway’s own address answers beside your domain", patient.command("finish"))
