import secrets

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...policy import contracting, routing

CONTRACT = "kam.contract"
OUTCOME = ("approve", "return", "refuse")
TEMPLATE = "template"


class KamApprovalStep(models.Model):
    """The step of a route in which legal reviews a contract.

    Whoever drafted the contract never reviews it.  An unchanged template may skip the
    step, but for a random sample.  Source: S0-102, S0-103, users §2 (legal), g Q16.
    """

    _inherit = "kam.approval.step"

    is_legal = fields.Boolean(
        "Legal Review",
        help="The contract is “Legal Review” while this step waits; it is decided with a risk "
        "grade and an opinion, never by whoever drafted the contract.",
    )
    skip_template = fields.Boolean(
        "Not for an Unchanged Template",
        help="A contract whose clauses are those of our template skips this step.",
    )
    sample_percent = fields.Integer(
        "Of These Reviewed All the Same (%)",
        help="A random sample for the audit: drawn once per contract, so that submitting it "
        "again does not help.",
    )

    @api.constrains("sample_percent", "is_legal", "skip_template")
    def _check_legal(self):
        for step in self:
            if not 0 <= (step.sample_percent or 0) <= 100:
                raise ValidationError(
                    self.env._("Step “%(step)s”: a sample lies between 0 and 100.", step=step.name)
                )
            if step.skip_template and not step.is_legal:
                raise ValidationError(
                    self.env._("Step “%(step)s”: only a legal review is skipped.", step=step.name)
                )

    def _candidates(self, document, requester):
        users = super()._candidates(document, requester)
        return users - document._legal_barred() if self._reviews(document) else users

    def _approvers(self, document, company, requester):
        """:raise UserError: the contract does not name whom the step is put to"""
        if document._name == CONTRACT and self.approver_type == "field":
            name = self.user_path.split(".")[0]
            if not document[name]:
                raise UserError(
                    self.env._(
                        "Name the %(field)s of the contract first: step “%(step)s” is put to him.",
                        field=document._fields[name]._description_string(self.env),
                        step=self.name,
                    )
                )
        return super()._approvers(document, company, requester)

    def _reviews(self, document):
        return self.is_legal and document._name == CONTRACT

    def _prepare_request_step_vals(self, stage, document, company, requester):
        vals = super()._prepare_request_step_vals(stage, document, company, requester)
        if not self._reviews(document):
            return vals
        # A vote given in another step of the round is no legal review.
        vals |= {
            "is_legal": True,
            "always_ask": True,
            "barred": sorted(document._legal_barred().ids),
        }
        if self.skip_template and document._is_unchanged_template():
            sampled = contracting.sampled(document._legal_draw(), self.sample_percent or 0)
            vals["is_sampled"] = sampled
            if not sampled:
                vals |= {"state": routing.SKIPPED, "skip_code": TEMPLATE}
        return vals


class KamApprovalRequestStep(models.Model):
    """A legal review under way: no decision without risk grade and opinion.

    Source: S0-102, S0-103.
    """

    _inherit = "kam.approval.request.step"

    is_legal = fields.Boolean("Legal Review")
    is_sampled = fields.Boolean(help="An unchanged template, looked at for the audit.")
    skip_code = fields.Char(help="Why it was not asked.")
    barred = fields.Json(help="Ids of the people who drafted: they do not review.")

    @api.depends("skip_code")
    @api.depends_context("lang")
    def _compute_remark(self):
        result = super()._compute_remark()
        for step in self:
            # sudo: part of what happened.
            if step.sudo().skip_code == TEMPLATE:
                step.remark = self.env._("An unchanged template of ours: the route skips legal")
            elif step.sudo().is_sampled:
                step.remark = self.env._("An unchanged template, drawn as a sample for the audit")
        return result

    def _is_barred(self, user):
        return self.is_legal and user.id in (self.barred or [])

    def _right_of(self, user, delegations):
        if self._is_barred(user):
            return self.env["res.users"], self.env["kam.approval.delegation"]
        return super()._right_of(user, delegations)

    def _check_target(self, user_id):
        user = super()._check_target(user_id)
        if self._is_barred(user):
            raise UserError(self.env._("Whoever drafted the contract does not review it."))
        return user

    def _open_wizard(self, kind, name):
        """Legal decides on the page with the opinion, whatever button leads there."""
        if len(self) == 1 and self.is_legal and kind in OUTCOME:
            return self.env[CONTRACT].browse(self.request_id.res_id).action_legal_review()
        return super()._open_wizard(kind, name)

    def _legal_review(self):
        """The review of this asking of the step; may be empty."""
        self.ensure_one()
        # sudo: whether it is there decides, not who may read it.
        return (
            self.env["kam.contract.legal.review"]
            .sudo()
            .search([("step_id", "=", self.id), ("cycle", "=", self.cycle)], limit=1)
        )

    def _legal_settle(self, kind):
        """What the reviewer wrote becomes what legal decided.

        :raise UserError: risk grade or opinion is missing, or a condition is open
        """
        steps = self.filtered("is_legal")
        if steps:
            steps._legal_reviews()._settle_as(kind, steps)

    def _legal_reviews(self):
        """The reviews of this asking of the steps."""
        # sudo: whether they are there decides, not who may read them.
        found = self.env["kam.contract.legal.review"].sudo().search([("step_id", "in", self.ids)])
        return found.filtered(lambda review: review.cycle == review.step_id.cycle)

    def _decision_vals(self, kind, approver, delegation, comment, **values):
        """Decided without a word, legal's word is its opinion."""
        if not comment and self.is_legal and kind in OUTCOME:
            comment = self._legal_review().opinion
        return super()._decision_vals(kind, approver, delegation, comment, **values)

    def _vote(self, kind, rights, comment):
        self._legal_settle(kind)
        return super()._vote(kind, rights, comment)

    def _perform_return(self, approver, delegation, comment, step_id=False):
        self._legal_settle("return")
        return super()._perform_return(approver, delegation, comment, step_id=step_id)


class KamApprovalRequest(models.Model):
    """A round of a contract: “Legal Review” while legal has it, then “Approval”."""

    _inherit = "kam.approval.request"

    @api.model
    def _prepare_steps(self, neutral, company, route, earlier, values):
        """A round in which nobody at all would be asked asks legal."""
        rows = super()._prepare_steps(neutral, company, route, earlier, values)
        idle = all(row["state"] == routing.SKIPPED for row in rows)
        if idle and not any(row.get("carried_decision_ids") for row in rows):
            for row in rows:
                row |= {"state": routing.WAITING, "skip_code": False}
        return rows

    def _advance(self):
        result = super()._advance()
        self._contract_follow()
        return result

    def _grant(self):
        """All contracts at once: they are many at the end of a month."""
        rounds = self.filtered(lambda r: r.res_model == CONTRACT)
        if rounds:
            rounds._close("approved")
            contracts = rounds._documents_of_user().sudo()
            contracts._approval_move("approved")
            contracts._approval_granted()
        return super(KamApprovalRequest, self - rounds)._grant()

    def _contract_follow(self):
        """The state of the contracts says whether legal still has them."""
        running = self.filtered(lambda r: r.res_model == CONTRACT and r.state == "pending")
        at_legal = running.filtered(
            lambda r: any(
                s.is_legal and s.state in (routing.WAITING, routing.PENDING) for s in r.step_ids
            )
        )
        for state, requests in (("legal", at_legal), ("approval", running - at_legal)):
            if not requests:
                continue
            contracts = requests._documents_of_user().sudo()
            moved = contracts.filtered(lambda c, state=state: c.state != state)
            moved._as_engine().write({"state": state})

    def _close(self, state):
        result = super()._close(state)
        rounds = self.filtered(lambda r: r.res_model == CONTRACT)
        if rounds:
            rounds.env["kam.contract.legal.review"]._drop(rounds)
        return result


def draw():
    """A number from 0 to 99 nobody can foresee."""
    return secrets.randbelow(100)
