from odoo import api, fields, models
from odoo.tools import format_date


class KamContractVersion(models.Model):
    """What a contract said when a round of it was submitted.

    Kept for ever, so that refused rounds can still be read and compared.
    Source: design §4.5, §5, users §2 (legal).
    """

    _name = "kam.contract.version"
    _inherit = ["kam.guarded", "kam.contract.record"]
    _description = "Version of a Contract"
    _order = "contract_id, round desc, id desc"
    _rec_name = "round"

    _guarded_create = True
    _guarded_write = True
    _guarded_unlink = True

    contract_id = fields.Many2one("kam.contract", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    request_id = fields.Many2one(
        "kam.approval.request", "Approval Request", required=True, index=True, ondelete="restrict"
    )
    request_state = fields.Selection(related="request_id.state", string="Result")
    round = fields.Integer(required=True, aggregator=None)
    submitted_on = fields.Datetime(required=True)
    submitted_by_id = fields.Many2one("res.users", required=True, ondelete="restrict")
    content = fields.Json(help="Language → section → key → label and text.")
    file_ids = fields.Json(help="Ids of the files the round was about.")
    end_reason = fields.Char("Why a New Round", help="What changed after it was submitted.")

    outcome = fields.Char("How It Ended", compute="_compute_outcome")

    _once = models.UniqueIndex("(contract_id, round)", "This round has its version already.")

    @api.model
    def default_get(self, fields):  # pylint: disable=method-required-super,redefined-outer-name
        # The system states every value.
        return {}

    @api.depends("round", "submitted_on")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for version in self:
            version.display_name = self.env._(
                "Round %(round)s, %(day)s",
                round=version.round,
                day=format_date(self.env, version.submitted_on),
            )

    @api.depends("end_reason", "request_state")
    @api.depends_context("uid", "lang")
    def _compute_outcome(self):
        """Who ended the round and why."""
        # By the reader's own rights: a round may be shown to fewer people than the contract.
        shown = self.sudo().request_id.sudo(False)._filtered_access("read")
        for version in self:
            text = version.end_reason
            request = shown.filtered(lambda r, v=version: r.id == v.sudo().request_id.id)
            ended = request.decision_ids.filtered(lambda d: d.kind in ("refuse", "return"))
            if not text and ended:
                last = ended.sorted("id")[-1]
                text = self.env._(
                    "%(who)s: %(comment)s", who=last._who(), comment=last.comment or "–"
                )
            version.outcome = text

    @api.model
    def _keep(self, contracts):
        """Keep what ``contracts`` say now, under the round just opened."""
        rounds = self.env["kam.approval.request"]._last_rounds(contracts)
        languages = [code for code, _name in self.env["res.lang"].get_installed()]
        rows = []
        for contract in contracts:
            request = rounds[contract.id]
            neutral = contract._approval_neutral(request.company_id)
            rows.append(
                {
                    "contract_id": contract.id,
                    "request_id": request.id,
                    "round": request.round,
                    "submitted_on": request.submitted_on,
                    "submitted_by_id": request.requester_id.id,
                    "content": {
                        code: neutral.with_context(lang=code)._version_content()
                        for code in languages
                    },
                    "file_ids": request.file_ids,
                    "end_reason": False,
                }
            )
        # sudo: a record of what happened, for whoever may submit.
        self.sudo()._as_engine().create(rows)

    def _content(self):
        """What it said in the reader's language, where that was installed then.

        :return: (language, sections)
        """
        content = self.content or {}
        code = self.env.lang if self.env.lang in content else next(iter(content), "en_US")
        return code, content.get(code) or {}

    def action_compare(self):
        """This round next to the one before it."""
        self.ensure_one()
        self.check_access("read")
        earlier = self.search(
            [("contract_id", "=", self.contract_id.id), ("round", "<", self.round)],
            order="round desc",
            limit=1,
        )
        return self.contract_id._open_comparison(earlier, self)
