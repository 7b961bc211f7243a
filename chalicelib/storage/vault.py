"""Receipt PDFs and the merchant's logo in this stack's private S3 bucket, handed out by links that soon expire."""

from functools import cached_property
from typing import Any

from chalicelib.config import Config
from chalicelib.errors import Busy


class S3Vault:
    """Vault (see `receipts/issue.py`) in one bucket."""

    def __init__(self, config: Config) -> None:
        self._config = config

    def put(self, key: str, content: bytes, content_type: str) -> None:
        """Store the file, encrypted by the bucket's default. Raises Busy when S3 is out of reach."""
        self._call("put_object", Key=key, Body=content, ContentType=content_type)

    def exists(self, key: str) -> bool:
        """One HEAD request."""
        return self._call("head_object", Key=key) is not None

    def get(self, key: str) -> bytes | None:
        """The file, or None."""
        found = self._call("get_object", Key=key)
        return bytes(found["Body"].read()) if found else None

    def link(self, key: str, filename: str, seconds: int = 60) -> str:
        """A presigned address (Signature Version 4) that downloads the file under `filename`; makes no call."""
        params = {
            "Bucket": self._config.bucket,
            "Key": key,
            "ResponseContentDisposition": f'attachment; filename="{filename}"',
            "ResponseContentType": "application/pdf",
        }
        return str(self._client.generate_presigned_url("get_object", Params=params, ExpiresIn=seconds))

    def _call(self, name: str, **params: Any) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return getattr(self._client, name)(Bucket=self._config.bucket, **params)
        except ClientError as error:
            if error.response["Error"]["Code"] in {"404", "NoSuchKey", "NotFound"}:
                return None
            raise Busy from error
        except BotoCoreError as error:
            raise Busy from error

    @cached_property
    def _client(self) -> Any:
        import boto3
        from botocore.config import Config as Limits

        limits = Limits(
            connect_timeout=2,
            read_timeout=6,
            retries={"total_max_attempts": 3, "mode": "standard"},
            signature_version="s3v4",
        )
        endpoint = self._config.aws_endpoint or None
        return boto3.client("s3", region_name=self._config.region, endpoint_url=endpoint, config=limits)
