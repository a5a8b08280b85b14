from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.guarded import ondelete_always
from .negotiation import OPEN


class KamNegotiationPart(models.AbstractModel):
    """A line of a negotiation: read and written like it, and locked with it.

    It stays with its negotiation.  ``_part_files`` names fields with files, which become
    files of the negotiation, so that whoever may read it reads them.
    """

    _name = "kam.negotiation.part"
    _inherit = ["kam.guarded"]
    _description = "Part of a Negotiation"

    _guarded_once = frozenset({"negotiation_id"})
    _part_files = ()

    negotiation_id = fields.Many2one(
        "kam.negotiation", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="negotiation_id.company_id", store=True, index=True)
    price_currency_id = fields.Many2one(related="negotiation_id.price_currency_id")

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts._check_open()
        parts._own_files()
        return parts

    def write(self, vals):
        self._check_open()
        result = super().write(vals)
        if vals.keys() & set(self._part_files):
            self._own_files()
        return result

    @ondelete_always
    def _unlink_except_closed(self):
        self._check_open()

    def _check_open(self):
        """:raise UserError: the negotiation waits for confirmation or is over"""
        if self._is_engine():
            return
        self.negotiation_id._approval_check_unlocked()
        # sudo: a lock holds for what the user cannot read, too.
        for negotiation in self.sudo().negotiation_id:
            if negotiation.state not in OPEN:
                raise UserError(self.env._("“%(name)s” is over.", name=negotiation.display_name))

    def _own_files(self):
        """By the rights of whoever attaches them; those of other documents are copied."""
        for part in self:
            place = {"res_model": "kam.negotiation", "res_id": part.negotiation_id.id}
            for name in self._part_files:
                own = part[name].browse()
                for file in part[name]:
                    if (file.res_model, file.res_id) == tuple(place.values()):
                        own |= file
                    elif file.res_id and file.res_model != self._name:
                        own |= file.copy({**place, "name": file.name})
                    else:
                        file.write(place)
                        own |= file
                if own != part[name]:
                    part._as_engine().write({name: [fields.Command.set(own.ids)]})
