"""Front door: the app, its routes, queue and timed jobs. No logic here."""

from typing import Any

from chalice.app import CloudWatchEvent, Cron, Rate, SQSEvent

from chalicelib.config import on_lambda, queue_name
from chalicelib.web import logs, middleware, routes

logs.start(on_lambda())
app = middleware.Portal(app_name="tillkey", debug=False, configure_logs=False)
app.register_blueprint(middleware.bp)
routes.declare(app)


@app.on_sqs_message(queue=queue_name(), batch_size=10, maximum_batching_window_in_seconds=0)
def worker(event: SQSEvent) -> Any:
    """Messages from the work queue; those that fail come again, and park after five tries."""
    from chalicelib.web import work

    return work.batch(event.to_dict())


@app.schedule(Rate(5, unit=Rate.MINUTES))
def sweep(event: CloudWatchEvent) -> dict[str, int]:
    """Finish what a crash, a lost message or a silent Stripe left undone."""
    from chalicelib.web import work

    return work.sweep()


@app.schedule(Rate(1, unit=Rate.HOURS))
def reconcile(event: CloudWatchEvent) -> dict[str, int]:
    """Find events that never reached us, and what they would have told."""
    from chalicelib.web import work

    return work.hourly()


@app.schedule(Cron(0, 8, "*", "*", "?", "*"))
def expiring(event: CloudWatchEvent) -> dict[str, int]:
    """Tell customers whose card expires and will be charged afterwards."""
    from chalicelib.web import work

    return work.daily()
