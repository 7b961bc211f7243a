"""Making, changing and removing the data stack, and saying beforehand what would change."""

import json
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError, WaiterError

from ops.aws import Account, plainly
from ops.stage import Trouble

Template = dict[str, Any]
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
NEVER_BEGUN = {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "REVIEW_IN_PROGRESS"}
SECONDS, TIMES = 2, 450


class DataStack:
    """One CloudFormation stack."""

    def __init__(self, account: Account, name: str) -> None:
        self.name = name
        self._client = account.client("cloudformation")

    def status(self) -> str:
        """CloudFormation's word for it, "" when there is none."""
        found = self._describe()
        status = found["StackStatus"] if found else ""
        return "" if status == "DELETE_COMPLETE" else status

    def outputs(self) -> dict[str, str]:
        """What the template gives back."""
        found = self._describe() or {}
        return {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", [])}

    def plan(self, template: Template) -> Iterator[str]:
        """What `apply` would do, one line for each resource that it would touch."""
        now = self._template() if self.status() else {"Resources": {}}
        before, after = now["Resources"], template["Resources"]
        for name in sorted({*before, *after}):
            kind = (after.get(name) or before[name])["Type"]
            if name not in before:
                yield f"make    {name} ({kind})"
            elif name not in after:
                yield f"remove  {name} ({kind})"
            elif before[name] != after[name]:
                yield f"change  {name} ({kind})"

    def apply(self, template: Template) -> bool:
        """Make the stack, or bring it to this template. False when nothing was to be done.

        A stack whose making failed holds nothing and is removed first. Raises Trouble with CloudFormation's reason.
        """
        body = {"StackName": self.name, "TemplateBody": json.dumps(template)}
        status = self.status()
        if status.endswith("_IN_PROGRESS") and status not in NEVER_BEGUN:
            raise Trouble(f"The stack {self.name} is being changed right now ({status}); wait, then run this again")
        if status in NEVER_BEGUN:
            self.remove()
            status = ""
        if not status:
            with plainly(f"make the stack {self.name}"):
                made = self._client.create_stack(**body, OnFailure="DELETE")
            self._wait("stack_create_complete", made["StackId"])
            return True
        if not any(self.plan(template)):
            return False
        return self._update(body)

    def remove(self) -> None:
        """Remove the stack. What the template says to keep stays."""
        with plainly(f"remove the stack {self.name}"):
            self._client.delete_stack(StackName=self.name)
        self._wait("stack_delete_complete")

    def _update(self, body: dict[str, str]) -> bool:
        try:
            with plainly(f"change the stack {self.name}"):
                self._client.update_stack(**body)
        except Trouble as trouble:
            if "No updates" in str(trouble):
                return False
            raise
        self._wait("stack_update_complete")
        return True

    def _template(self) -> Template:
        with plainly(f"read the stack {self.name}"):
            body = self._client.get_template(StackName=self.name)["TemplateBody"]
        found: Template = json.loads(body) if isinstance(body, str) else json.loads(json.dumps(body))
        return found

    def _describe(self) -> dict[str, Any] | None:
        try:
            stacks = self._client.describe_stacks(StackName=self.name)["Stacks"]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            with plainly(f"look at the stack {self.name}"):
                raise
        return stacks[0] if stacks else None

    def _wait(self, state: str, stack_id: str = "") -> None:
        try:
            waiter = self._client.get_waiter(state)
            waiter.wait(StackName=self.name, WaiterConfig={"Delay": SECONDS, "MaxAttempts": TIMES})
        except WaiterError as error:
            raise Trouble(f"{self.name}: {self._why(stack_id)}") from error

    def _why(self, stack_id: str) -> str:
        """The first thing that failed, as CloudFormation says it (a removed stack is known by its id only)."""
        try:
            answer = self._client.describe_events(StackName=stack_id or self.name, Filters={"FailedEvents": True})
            failed = [e for e in answer["OperationEvents"] if e.get("LogicalResourceId") not in (None, self.name)]
        except ClientError:
            failed = []
        if not failed:
            return "CloudFormation did not finish; look at its events in the AWS console, then run this again"
        first = min(failed, key=lambda event: event["Timestamp"])
        reason = first.get("ValidationStatusReason") or first.get("ResourceStatusReason") or "no reason given"
        return f"{first['LogicalResourceId']} failed: {reason}"
