"""Figures about the business and its troubles, as CloudWatch reads them out of log lines (see docs/metrics.md).

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format.html
"""

import logging

from chalicelib.config import load, on_lambda

log = logging.getLogger(__name__)
NAMESPACE = "Tillkey"


def count(name: str, value: float = 1, **dimensions: str) -> None:
    """Add `value` to a figure of this stage. What cannot be counted never stops what is being done."""
    try:
        if on_lambda():
            _print(name, value, dimensions)
        else:
            log.info("metric", extra={"metric": name, "value": value, **dimensions})
    except Exception:  # a boundary of its own: figures are never worth a failed payment
        log.exception("a figure was not counted")


def _print(name: str, value: float, dimensions: dict[str, str]) -> None:
    # imported by the first figure, for most pages have none
    from aws_lambda_powertools.metrics import MetricUnit, single_metric

    known = {"stage": load().stage, **dimensions}
    with single_metric(name=name, unit=MetricUnit.Count, value=value, namespace=NAMESPACE, default_dimensions=known):
        pass
