import base64
import json

from odoo import fields, models
from odoo.exceptions import AccessError

# Beside the fields of the model, where no field of Odoo leads: whatever reads fields
# (lists, domains, groups, exports, reports, rules, nested reads) has no name for them.
COLUMNS = ("figures", "outcome", "readers")


class KamNegotiationFloor(models.Model):
    """One version of a bottom line 谈判底线: who set it when, and, sealed, what it says.

    * The figures are no fields.  They lie in columns of the table that the ORM does not
      know, as an opaque text, so that no failed statement shows them in a log either; only
      the functions of this file touch them, and those are no methods of a model.
    * Nobody has rights on the model, and no right or rule added later gives any:
      :meth:`_check_access` refuses whoever is not the engine.  No field points here.
    * The one way out is ``kam.negotiation.action_reveal``, which asks who reads, and
      writes down that he did.

    Source: design §4.4, S0-94.
    """

    _name = "kam.negotiation.floor"
    _inherit = ["kam.guarded"]
    _description = "Bottom Line of a Negotiation"
    _order = "negotiation_id, version desc"

    _guarded_create = True
    _guarded_write = True
    _guarded_unlink = True

    negotiation_id = fields.Many2one(
        "kam.negotiation", required=True, index=True, ondelete="restrict"
    )
    version = fields.Integer(required=True)
    set_by_id = fields.Many2one("res.users", required=True, ondelete="restrict")
    set_on = fields.Datetime(required=True)

    _version_uniq = models.Constraint(
        "UNIQUE (negotiation_id, version)", "Somebody else set the bottom line at this moment."
    )

    def init(self):
        for column in COLUMNS:
            _execute(
                self.env.cr,
                f"ALTER TABLE kam_negotiation_floor ADD COLUMN IF NOT EXISTS {column} text",
            )

    def _check_access(self, operation):
        if self._is_engine():
            return None
        return self, self._refusal

    def _refusal(self):
        return AccessError(
            self.env._(
                "Bottom lines are opened to nobody this way. The executives of a negotiation and "
                "its authorised lead negotiator use the button “Bottom Line”."
            )
        )

    def export_data(self, fields_to_export):
        raise self._refusal()


def keep(cr, floor_id, figures):
    """Seal the figures of a version, once.

    :param figures: ``{item id: number}``; an item that is missing has no limit
    """
    _execute(
        cr,
        "UPDATE kam_negotiation_floor SET figures = %s WHERE id = %s AND figures IS NULL",
        [_seal(figures), floor_id],
    )


def keep_outcome(cr, floor_id, outcome):
    """Seal how a submitted agreement compares with a version."""
    _execute(
        cr,
        "UPDATE kam_negotiation_floor SET outcome = %s WHERE id = %s",
        [_seal(outcome), floor_id],
    )


def keep_readers(cr, floor_id, user_ids):
    """Seal which executives a version is for: the list on the negotiation alone, a table of
    links, would be open to a field that an administrator lays over it.
    """
    _execute(
        cr,
        "UPDATE kam_negotiation_floor SET readers = %s WHERE id = %s",
        [_seal(sorted(user_ids)), floor_id],
    )


def readers(cr, floor_id):
    """Ids of the executives a version is for."""
    _execute(cr, "SELECT readers FROM kam_negotiation_floor WHERE id = %s", [floor_id])
    return set(_unseal(cr.fetchone()[0]))


def opened(cr, floor_id):
    """``(figures, outcome)`` of a version, for :meth:`action_reveal` and the comparison."""
    _execute(cr, "SELECT figures, outcome FROM kam_negotiation_floor WHERE id = %s", [floor_id])
    figures, outcome = cr.fetchone()
    return _unseal(figures), _unseal(outcome)


def _execute(cr, query, params=None):
    # A statement that fails is not written into the log with its parameters.
    cr.execute(query, params, log_exceptions=False)


def _seal(content):
    return base64.b64encode(json.dumps(content).encode()).decode()


def _unseal(text):
    return json.loads(base64.b64decode(text)) if text else {}
