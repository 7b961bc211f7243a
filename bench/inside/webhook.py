"""Run by a bare interpreter: verify and read one event of Stripe, by our own check and by the SDK's, in turn."""

import json
import os
import sys
import time


def spent(work, times):
    began = time.process_time()
    for _ in range(times):
        result = work()
    return (time.process_time() - began) / times, result


def main():
    orders = json.loads(sys.argv[1])
    sys.path[:0] = orders["path"]
    import stripe

    from chalicelib.billing import inbox, webhook_signature

    body, header, secret, now = orders["body"].encode(), orders["header"], orders["secret"], orders["now"]

    def ours():
        return inbox.hint_from_event(webhook_signature.verified(body, header, secret, now), False)

    def sdk():
        return stripe.Webhook.construct_event(body, header, secret)

    spent(ours, 20), spent(sdk, 20)
    rounds = []
    for _ in range(orders["rounds"]):
        mine, hint = spent(ours, orders["times"])
        theirs, event = spent(sdk, orders["times"])
        rounds.append((mine, theirs))
    with open(orders["figures"], "w") as file:
        json.dump({"rounds": rounds, "same": hint.id == event.id}, file)
    os._exit(0)


main()
