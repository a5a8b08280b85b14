"""Roads out of the database that do not pass ``export_data``.  Source: S2-49."""

import json

from odoo.http import request, route

from odoo.addons.web.controllers.json import WebJsonController
from odoo.addons.web.controllers.pivot import TableExporter


def _read_write(controller, rule, args):
    """These addresses only read; logging who took what does not."""
    return False


def _check_and_log(model, count, columns):
    """Refuse, or log, that the user takes something of ``model`` out.

    :raise AccessError: it is customer information of ours and he has not the right
    """
    if model in request.env and request.env[model]._kam_is_confidential():
        request.env[model]._kam_check_may_export()
        request.env["kam.export.log"]._add(model, count, columns)


class KamTableExporter(TableExporter):
    @route(readonly=_read_write)
    def export_xlsx(self, data, **kw):
        """The download of a pivot.  The browser sends what it shows, so this is about
        the button and the log: who may see the figures could also copy them.
        """
        text = data.read() if hasattr(data, "read") else data
        if hasattr(data, "seek"):
            data.seek(0)
        table = json.loads(text)
        if table and table.get("model"):
            title = str(table.get("title") or "")
            _check_and_log(table["model"], len(table.get("rows") or []), [title])
        return super().export_xlsx(data, **kw)


class KamJsonController(WebJsonController):
    """Odoo's ``/json`` address (off by default) gives whole lists as a file."""

    @route(readonly=_read_write)
    def web_json_1(self, subpath, **kwargs):
        return super().web_json_1(subpath, **kwargs)

    def _get_action(self, subpath):
        result = super()._get_action(subpath)
        _check_and_log(result[0].res_model, 0, [f"/json/{subpath}"])
        return result
