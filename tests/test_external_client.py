"""A program written with a library others use (odooly) does the main journey.

It goes through the address of the web client, as its user with a password; JSON-2 with a
key is `test_rpc_journey`.
"""

import odooly
import pytest
from client import RefusedError
from journey import DECIDED, EVALUATION, STEP, approve, decided, step_of, submit_everybody, tiers


class OdoolyClient:
    """What `client.Client` offers, by odooly."""

    def __init__(self, site, login):
        self.env = odooly.Client(site.address, site.database, login, login).env

    def call(self, model, method, ids=None, **arguments):
        """Call a method on records (`ids`) or on the model.

        :raise RefusedError: whatever the server answered instead of a result
        """
        # odooly rewrites a search's domain, which must come first.
        first = ids if "domain" not in arguments else arguments.pop("domain")
        first = [first] if isinstance(first, int) else first
        try:
            return self.env.execute(model, method, *([] if first is None else [first]), **arguments)
        except odooly.ServerError as error:
            said = error.args[0]["data"]
            raise RefusedError(said["name"], said["message"]) from None

    def create(self, model, *, context=None, **values):
        # By name: odooly's own list of models knows no dialogs.
        return self.env(context=context).execute(model, "create", values)

    def read(self, model, ids, *names):
        [values] = self.call(model, "read", [ids], fields=list(names))
        return values if len(names) > 1 else values[names[0]]

    def search(self, model, *domain):
        return self.call(model, "search", domain=list(domain))


def test_a_program_of_others_does_the_journey(site):
    """The office evaluates and submits, the general manager approves, tiers are set.

    Source: S0-36, S3-20
    """
    office, boss, seller = (OdoolyClient(site, login) for login in ("office", "boss", "seller"))
    evaluation = submit_everybody(office)
    assert decided(office, evaluation) == DECIDED
    step = step_of(boss, evaluation)
    for client in (office, seller):
        with pytest.raises(RefusedError) as refused:
            client.call(STEP, "action_approve", step, comment="Mine")
        assert refused.value.name == "AccessError"
    approve(boss, evaluation)
    assert boss.read(EVALUATION, evaluation, "state") == "applied"
    shown = tiers(boss)
    assert {name: shown[name] for name in shown if name != "Everest Service"} == {
        name: tier for name, tier in DECIDED.items() if name in shown
    }
    assert {"Key", "Main", "Strategic"} <= set(shown.values())
