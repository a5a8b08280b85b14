from odoo import api, fields, models
from odoo.tools import SQL


class KamContractReport(models.Model):
    """Contracts as a manager looks at them: where they stand, since when, how they are kept.

    One row per contract, nothing stored: days in each state, signature and milestones in
    time, called off against the ceiling, days left.  Source: users §2, §6, K10, K11.
    """

    _name = "kam.contract.report"
    _inherit = ["kam.contract.record"]
    _description = "Contract Analysis"
    _auto = False
    _order = "tier_rank, date_to, id"
    _rec_name = "contract_id"

    contract_id = fields.Many2one("kam.contract", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    account_id = fields.Many2one("kam.account", readonly=True)
    type_id = fields.Many2one("kam.contract.type", readonly=True)
    kind = fields.Selection(related="contract_id.kind")
    tier_rank = fields.Integer(readonly=True, aggregator=None)
    state = fields.Selection(
        lambda self: self.env["kam.contract"]._fields["state"]._description_selection(self.env),
        "Status",
        readonly=True,
    )
    user_id = fields.Many2one("res.users", "Drafted by", readonly=True)
    project_manager_id = fields.Many2one("res.users", readonly=True)
    entered_on = fields.Datetime("In This Status since", readonly=True)
    days_in_state = fields.Float(
        "Days in This Status", readonly=True, aggregator="avg", digits=(16, 1)
    )
    days_draft = fields.Float("Days in Drafting", readonly=True, aggregator="avg", digits=(16, 1))
    days_legal = fields.Float("Days at Legal", readonly=True, aggregator="avg", digits=(16, 1))
    days_approval = fields.Float(
        "Days in Approval", readonly=True, aggregator="avg", digits=(16, 1)
    )
    days_to_sign = fields.Float("Days to Sign", readonly=True, aggregator="avg", digits=(16, 1))
    holder_id = fields.Many2one("res.users", "Held by", readonly=True)
    waiting_for = fields.Char(related="contract_id.approval_waiting_for", string="Waiting for")
    date_from = fields.Date("Begins on", readonly=True)
    date_to = fields.Date("Ends on", readonly=True)
    sign_deadline = fields.Date("To Sign until", readonly=True)
    signed_on = fields.Date(readonly=True)
    sign_rate = fields.Float(
        "Signed in Time (%)", readonly=True, aggregator="avg",
        help="Of contracts with a deadline that was met or has passed.",
    )  # fmt: skip
    milestones_due = fields.Integer("Milestones Due or Done", readonly=True)
    milestones_kept = fields.Integer("In Time and Conform", readonly=True)
    execution_rate = fields.Float(
        "Milestones in Time and Conform (%)", readonly=True, aggregator="avg"
    )
    called_off = fields.Monetary(related="contract_id.called_off")
    called_off_percent = fields.Float(related="contract_id.called_off_percent")
    amount_in_force = fields.Monetary(related="contract_id.amount_in_force")
    currency_id = fields.Many2one(related="contract_id.currency_id")
    invoiced = fields.Monetary(related="contract_id.invoiced")
    collected = fields.Monetary(related="contract_id.collected")
    overdue = fields.Monetary(related="contract_id.overdue")
    contract_count = fields.Integer("Contracts", readonly=True, aggregator="sum")

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT c.id, c.id AS contract_id, c.company_id, c.account_id, c.type_id, c.state,
                   c.user_id, c.project_manager_id, c.date_from, c.date_to, c.sign_deadline,
                   c.signed_on, 1 AS contract_count,
                   COALESCE(account.tier_rank, 9999) AS tier_rank,
                   CASE WHEN c.state = 'draft' THEN c.user_id
                        WHEN c.state = 'legal'
                        THEN COALESCE(pending.user_id, c.legal_user_id, c.user_id)
                        WHEN c.state = 'approval' THEN pending.user_id
                        WHEN c.state = 'in_force' THEN c.project_manager_id
                        WHEN c.state = 'to_sign' THEN c.user_id
                    END AS holder_id,
                   stage.entered_on,
                   EXTRACT(EPOCH FROM (%(now)s - stage.entered_on)) / 86400 AS days_in_state,
                   spent.days_draft, spent.days_legal, spent.days_approval, spent.days_to_sign,
                   CASE WHEN c.sign_deadline IS NULL OR c.state = 'cancelled' THEN NULL
                        WHEN c.signed_on <= c.sign_deadline THEN 100.0
                        WHEN c.signed_on > c.sign_deadline OR c.sign_deadline < %(today)s THEN 0.0
                    END AS sign_rate,
                   COALESCE(kept.due, 0) AS milestones_due,
                   COALESCE(kept.kept, 0) AS milestones_kept,
                   100.0 * kept.kept / NULLIF(kept.due, 0) AS execution_rate
              FROM kam_contract c
              LEFT JOIN kam_account account ON account.id = c.account_id
              LEFT JOIN LATERAL (
                   SELECT approver.user_id
                     FROM kam_approval_request request
                     JOIN kam_approval_request_step step ON step.request_id = request.id
                     JOIN kam_approval_request_step_user_rel approver
                       ON approver.step_id = step.id
                    WHERE request.res_model = 'kam.contract' AND request.res_id = c.id
                      AND request.state = 'pending' AND step.state = 'pending'
                    ORDER BY step.id, approver.user_id
                    LIMIT 1
                   ) pending ON c.state IN ('legal', 'approval')
              LEFT JOIN kam_contract_stage stage
                     ON stage.contract_id = c.id AND stage.left_on IS NULL
              LEFT JOIN LATERAL (
                   SELECT SUM(s.days) FILTER (WHERE s.state = 'draft') AS days_draft,
                          SUM(s.days) FILTER (WHERE s.state = 'legal') AS days_legal,
                          SUM(s.days) FILTER (WHERE s.state = 'approval') AS days_approval,
                          SUM(s.days) FILTER (WHERE s.state = 'to_sign') AS days_to_sign
                     FROM (SELECT state,
                                  EXTRACT(EPOCH FROM (COALESCE(left_on, %(now)s) - entered_on))
                                  / 86400 AS days
                             FROM kam_contract_stage
                            WHERE contract_id = c.id) s
                   ) spent ON TRUE
              LEFT JOIN LATERAL (
                   SELECT COUNT(*) AS due,
                          COUNT(*) FILTER (WHERE a.state = 'done' AND a.is_on_time
                                             AND m.conformity = 'conform') AS kept
                     FROM kam_contract_milestone m
                     JOIN kam_action a ON a.id = m.action_id
                    WHERE m.contract_id = c.id
                      AND a.state != 'cancelled'
                      AND (a.state = 'done' OR a.date_due < %(today)s)
                   ) kept ON TRUE
            """,
            now=fields.Datetime.now(),
            today=self.env.company.root_id.sudo()._kam_today(),
        )

    @api.readonly
    def action_open(self):
        """The contract itself."""
        self.ensure_one()
        self.check_access("read")
        return self.contract_id.get_formview_action()
