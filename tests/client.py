"""A JSON-2 client: what a program of a user can do, and nothing more."""

import json
import urllib.error
import urllib.request


class RefusedError(Exception):
    """The server refused a call; `name` is Odoo's exception, e.g. AccessError."""

    def __init__(self, name, message):
        super().__init__(f"{name}: {message}")
        self.name = name.rpartition(".")[2]


class Client:
    """Calls public methods of models as the owner of an API key."""

    def __init__(self, address, database, key):
        self.address = address
        self.headers = {
            "Authorization": f"bearer {key}",
            "Content-Type": "application/json",
            "X-Odoo-Database": database,
        }
        # no proxy between us and ourselves
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def call(self, model, method, ids=None, **arguments):
        """Call a method on records (`ids`) or on the model.

        :raise RefusedError: whatever the server answered instead of a result
        """
        if ids is not None:
            arguments["ids"] = [ids] if isinstance(ids, int) else ids
        request = urllib.request.Request(
            f"{self.address}/json/2/{model}/{method}",
            data=json.dumps(arguments).encode(),
            headers=self.headers,
        )
        try:
            with self._opener.open(request, timeout=180) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            said = json.load(error)
            raise RefusedError(said["name"], said["message"]) from None

    def create(self, model, *, context=None, **values):
        [record_id] = self.call(model, "create", vals_list=[values], context=context or {})
        return record_id

    def write(self, model, ids, **values):
        return self.call(model, "write", ids, vals=values)

    def read(self, model, ids, *names):
        [values] = self.call(model, "read", ids, fields=list(names))
        return values if len(names) > 1 else values[names[0]]

    def search(self, model, *domain):
        return self.call(model, "search", domain=list(domain))
