from odoo import api, models

# Below this share of the days gone, a figure is behind.
BEHIND = 0.9


class KamWeekItem(models.Model):
    """My Week: where I stand this month against my targets; nobody else's figures."""

    _inherit = "kam.week.item"

    @api.model
    def _week_figures(self, user, day):
        figures = super()._week_figures(user, day)
        if not self.env["res.groups"]._kam_area_is_on("kpi"):
            return figures
        return figures + self._week_collected(user, day) + self._week_targets(user, day)

    @api.model
    def _week_collected(self, user, day):
        """What came in this month of the user's accounts."""
        label = self.env._("Collected This Month")
        figures = []
        for company, accounts in self._week_led_accounts(user).grouped("company_id").items():
            figures += self._week_month_of(
                "collections", "collected_month", label, company, accounts, day
            )
        return figures

    @api.model
    def _week_targets(self, user, day):
        """One figure per target of the month: reached so far, of what, in percent."""
        targets = self.env["kam.target"]
        if not targets.has_access("read"):
            return []
        targets = targets.search(
            [
                ("user_id", "=", user.id),
                ("period_kind", "=", "month"),
                ("date_from", "<=", day),
                ("date_to", ">=", day),
            ]
        )
        return [self._week_target(target, day) for target in targets if target.is_measurable]

    @api.model
    def _week_target(self, target, day):
        days = (target.date_to - target.date_from).days + 1
        gone = 100.0 * ((day - target.date_from).days + 1) / days
        kpi = target.kpi_id.sudo()
        if not kpi._is_additive() or kpi.direction == "lower":
            # A share is not reached bit by bit.
            gone = 100.0
        on_pace = target.attainment >= gone * BEHIND
        wanted = target.kpi_id._format_value(target._value(), target.company_id.currency_id)
        return {
            "code": f"target_{target.kpi_id.code}",
            "label": self.env._("%(kpi)s against Target", kpi=target.kpi_id.name),
            "value": target.actual_label,
            "before": self.env._("of %(target)s this month", target=wanted),
            "change": self.env._("%(number)s %%", number=f"{target.attainment:.0f}"),
            "level": "success" if on_pace else "warning",
            "method": "action_open_my_targets",
        }

    @api.model
    def action_open_my_targets(self):
        """The reader's own targets."""
        self.browse().check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id("key_account_mgmt.kam_target_action")
        return action | {"domain": [("user_id", "=", self.env.uid)], "context": {}}
