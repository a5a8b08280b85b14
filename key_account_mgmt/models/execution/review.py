from odoo import api, fields, models

from ...policy.obligations import window


class KamReview(models.Model):
    """Meetings of a contract's coordination group, one per contract and period.

    They are run by the project manager of the contract, as other meetings are by the
    office.  Source: S1s-16, (c17).
    """

    _inherit = "kam.review"

    contract_id = fields.Many2one(
        "kam.contract", index="btree_not_null", ondelete="restrict", readonly=True, copy=False
    )

    def write(self, vals):
        if "contract_id" in vals and not self._is_engine():
            self._raise_guarded(["contract_id"])
        return super().write(vals)

    @api.model_create_multi
    def create(self, vals_list):
        if not self._is_engine():
            vals_list = [{**vals, "contract_id": False} for vals in vals_list]
        return super().create(vals_list)

    @api.depends("contract_id.project_manager_id")
    @api.depends_context("uid")
    def _compute_can_edit(self):
        result = super()._compute_can_edit()
        for review in self:
            if review._is_coordinated_by_me() and review.state in ("planned", "held"):
                review.can_edit = True
        return result

    def _is_coordinated_by_me(self):
        # sudo: who runs the contract.
        manager = self.sudo().contract_id.project_manager_id
        return bool(manager) and manager == self.env.user

    def _check_office(self):
        """Of a contract's group: also its project manager."""
        if self and all(review._is_coordinated_by_me() for review in self):
            self.check_access("write")
            return
        super()._check_office()

    def _people(self):
        people = super()._people()
        # sudo: who of ours belongs to the group.
        return people | self.sudo().contract_id.coordinator_ids.user_id.filtered("active")


class KamAction(models.Model):
    _inherit = "kam.action"

    def _check_decided(self):
        """The project manager's meetings decide, too."""
        reviews = self.sudo().review_id.sudo(False)
        if reviews and all(review._is_coordinated_by_me() for review in reviews):
            return
        super()._check_decided()


class KamContract(models.Model):
    _inherit = "kam.contract"

    def _keep_meeting(self, day):
        """The group's meeting of the running period.  Called unrestricted.

        :return: how many were made
        """
        self.ensure_one()
        kind = self.env.ref("key_account_mgmt.kam_review_kind_coordination", False)
        if not (kind and kind.active and self.coordination_period):
            return 0
        if self.coordination_missing:
            return 0
        period = window(self.coordination_period, day)
        key = f"{period.start.isoformat()}/contract-{self.id}"
        Review = self.env["kam.review"]
        known = Review.search_count(
            [
                ("kind_id", "=", kind.id),
                ("company_id", "=", self.company_id.id),
                ("period_key", "=", key),
            ]
        )
        if known:
            return 0
        manager = self.project_manager_id
        ours = self.coordinator_ids.user_id.filtered("active") | manager
        review = Review._as_engine().create(
            {
                "name": self.env._(
                    "Coordination %(contract)s %(month)s",
                    contract=self.number or self.name,
                    month=f"{period.end:%Y-%m}",
                ),
                "kind_id": kind.id,
                "company_id": self.company_id.id,
                "contract_id": self.id,
                "period_key": key,
                "date_from": period.start,
                "date_to": period.end,
                "date": Review._planned_day(self.company_id, kind, period, day),
                "chair_id": manager.id,
                "user_id": manager.id,
                "participant_ids": [(6, 0, ours.ids)],
                "note": self._meeting_agenda(),
            }
        )
        review._without_engine()._tell_planned()
        return 1

    def _meeting_agenda(self):
        """What the group talks about: late, next, open issues, their people."""
        late = self.milestone_ids.filtered("is_overdue")
        lines = [self.env._("Late: %(name)s", name=m.name) for m in late]
        lines += [
            self.env._("Issue: %(name)s", name=issue.display_name) for issue in self._open_issues()
        ]
        theirs = ", ".join(self.coordinator_ids.partner_id.mapped("name"))
        if theirs:
            lines.append(self.env._("Of the customer: %(names)s", names=theirs))
        return "\n".join(lines)
