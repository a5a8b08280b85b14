from odoo import api, fields, models


class KamContractStage(models.Model):
    """How long a contract stood in which state: one row from entering to leaving it.

    Written by the system whenever the state changes, whichever road changed it; nobody
    writes it by hand.  Source: (f) contract cycle time, users §2.
    """

    _name = "kam.contract.stage"
    _inherit = ["kam.guarded", "kam.contract.record"]
    _description = "Time a Contract Spent in a State"
    _order = "contract_id, entered_on, id"

    _guarded_create = True
    _guarded_write = True
    _guarded_unlink = True

    contract_id = fields.Many2one("kam.contract", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    state = fields.Char(required=True, index=True)
    state_label = fields.Char("Status", compute="_compute_state_label")
    entered_on = fields.Datetime(required=True)
    left_on = fields.Datetime()
    entered_by_id = fields.Many2one("res.users", "Entered by", ondelete="restrict")
    days = fields.Float(
        compute="_compute_days", help="Calendar days from entering to leaving it, or to now."
    )

    _open_uniq = models.UniqueIndex(
        "(contract_id) WHERE left_on IS NULL", "A contract is in one state at a time."
    )

    @api.depends("state")
    @api.depends_context("lang")
    def _compute_state_label(self):
        labels = dict(self.env["kam.contract"]._fields["state"]._description_selection(self.env))
        for stage in self:
            stage.state_label = labels.get(stage.state, stage.state)

    @api.depends("entered_on", "left_on")
    def _compute_days(self):
        now = fields.Datetime.now()
        for stage in self:
            end = stage.left_on or now
            seconds = (end - stage.entered_on).total_seconds() if stage.entered_on else 0
            stage.days = max(seconds, 0) / 86400


class KamContract(models.Model):
    _inherit = "kam.contract"

    stage_ids = fields.One2many("kam.contract.stage", "contract_id", "Time Spent", readonly=True)

    @api.model_create_multi
    def create(self, vals_list):
        contracts = super().create(vals_list)
        contracts._note_stage()
        return contracts

    def write(self, vals):
        result = super().write(vals)
        if "state" in vals:
            self._note_stage()
        return result

    def _note_stage(self):
        """The old row ends, a new one begins; nothing where the state is the same."""
        # sudo: what the system keeps, whoever changed the state.
        Stage = self.env["kam.contract.stage"].sudo()._as_engine()
        current = Stage.search([("contract_id", "in", self.ids), ("left_on", "=", False)])
        open_by_contract = current.grouped(lambda stage: stage.contract_id.id)
        now = fields.Datetime.now()
        rows = []
        for contract in self.sudo():
            old = open_by_contract.get(contract.id, Stage)
            if old.state == contract.state:
                continue
            old.write({"left_on": now})
            # The index sees the end of the old one first.
            old.flush_recordset(["left_on"])
            rows.append(
                {
                    "contract_id": contract.id,
                    "state": contract.state,
                    "entered_on": now,
                    "entered_by_id": self.env.uid,
                }
            )
        Stage.create(rows)
