"""What everything is measured against: one Chalice route that reads one item with boto3."""

import os

import boto3
from chalice import Chalice, Response

app = Chalice(app_name="yardstick")
client = boto3.client("dynamodb", endpoint_url=os.environ["AWS_ENDPOINT_URL"])
KEY = {"pk": {"S": os.environ["PK"]}, "sk": {"S": os.environ["SK"]}}


@app.route("/")
def index() -> Response:
    """The item's name."""
    item = client.get_item(TableName=os.environ["TABLE"], Key=KEY, ConsistentRead=True)["Item"]
    return Response(f"<p>{item['sk']['S']}</p>", headers={"Content-Type": "text/html"})
