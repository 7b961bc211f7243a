"""Front door: the app, its routes, queue and timed jobs. No logic here."""

from chalice import Response

from chalicelib.web import assets, guard, links, middleware
from chalicelib.web.middleware import Portal
from chalicelib.wiring import portal

app = Portal(app_name="tillkey", debug=False, configure_logs=False)
app.register_blueprint(middleware.bp)


@app.route(links.ROUTES["static"], methods=["GET", "HEAD"])
@guard.visitor
def static(version: str, name: str) -> Response:  # the version only changes the address
    """A style sheet, script or image of ours, kept by browsers for a year."""
    body, kind = assets.content(name, portal().settings())
    return Response(body, headers={"Content-Type": kind, "Cache-Control": "public, max-age=31536000, immutable"})
