from odoo import api, fields, models
from odoo.exceptions import UserError

from .bid import BEFORE


class KamAction(models.Model):
    """Tasks of a bid.  Source: S0-86 … S0-89."""

    _inherit = "kam.action"

    bid_id = fields.Many2one("kam.bid", index="btree_not_null", ondelete="cascade", tracking=True)
    bid_task = fields.Selection(
        [
            ("technical", "Technical Proposal"),
            ("commercial", "Commercial Terms and Price Calculation"),
            ("need", "Customer Need Material"),
        ],
        "Mandatory Task",
        readonly=True,
        copy=False,
    )

    @api.model_create_multi
    def create(self, vals_list):
        if not self._is_engine():
            # What is mandatory is the policy's word, not a person's.
            if any(vals.get("bid_task") for vals in vals_list):
                self._raise_guarded(["bid_task"])
            vals_list = [{**vals, "bid_task": False} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if "bid_task" in vals and not self._is_engine():
            self._raise_guarded(["bid_task"])
        return super().write(vals)

    def _check_may_cancel(self):
        """What the policy asks for is not taken back while the bid is worked on."""
        result = super()._check_may_cancel()
        if not (self.env.su or self._is_engine()) and any(
            task.bid_task and task.bid_id.sudo().state in BEFORE for task in self
        ):
            raise UserError(self.env._("A mandatory task of a bid is done, not cancelled."))
        return result

    def _document_fields(self):
        """Also the bid it is a task of."""
        return [*super()._document_fields(), "bid_id"]

    def _is_led(self):
        # sudo: who leads the bid, also for an owner who may not read it.
        return self.bid_id.sudo().user_id == self.env.user or super()._is_led()

    def action_done(self):
        """The commercial task needs the quotation in which the price was worked out.

        Source: S0-88.
        """
        for task in self.filtered(lambda t: t.bid_task == "commercial" and t.state == "open"):
            # sudo: whether a quotation was chosen, not which.
            if not task.sudo().bid_id.quotation_id:
                raise UserError(
                    self.env._("“%(name)s”: choose the quotation in the bid first.", name=task.name)
                )
        result = super().action_done()
        self.bid_id.invalidate_recordset(["missing"])
        return result

    def _check_documents(self):
        result = super()._check_documents()
        # Who may read no bid at all still has actions of other documents.
        if self.bid_id and not (self.env.su or self._is_engine()):
            self.bid_id.check_access("read")
        return result

    def _notice_lines(self):
        # sudo: the owner reads which bid his task is for.
        name = self.bid_id.sudo().display_name
        return [*super()._notice_lines(), *([name] if name else [])]
