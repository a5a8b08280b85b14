from odoo import api, fields, models


class KamAction(models.Model):
    _inherit = "kam.action"

    # Carries the access: who sees the account sees what was promised to it.
    account_id = fields.Many2one(
        "kam.account",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        tracking=True,
    )

    @api.model
    def _today_of(self, company):
        return company._kam_today()

    @api.model
    def _live_since(self, company):
        """Nothing before go-live is due.  Source: design §1."""
        # sudo: when a company begins is no secret.
        return company.sudo().kam_go_live_date

    def _is_led(self):
        # sudo: who leads the account, also for an owner who is not on it.
        return self.account_id.sudo().user_id == self.env.user or super()._is_led()

    @api.model
    def _plan_fields(self):
        return [*super()._plan_fields(), "account_id"]

    @api.model_create_multi
    def create(self, vals_list):
        chosen = self.env.context.get("default_account_id")
        accounts = [vals.get("account_id", chosen) for vals in vals_list]
        actions = super().create(
            [
                {**vals, **self._company_of(account_id)}
                for vals, account_id in zip(vals_list, accounts, strict=True)
            ]
        )
        actions._check_account_readable()
        return actions

    def write(self, vals):
        result = super().write(vals)
        if "account_id" in vals:
            self._check_account_readable()
        return result

    @api.model
    def _company_of(self, account_id):
        """What is promised to an account is promised by its company."""
        if not isinstance(account_id, int) or not account_id:
            return {}
        # sudo: whether the user may see the account is checked on the action.
        account = self.env["kam.account"].sudo().browse(account_id).exists()
        return {"company_id": account.company_id.id} if account else {}

    def _check_account_readable(self):
        """Nobody learns an account's name by promising it something."""
        if not (self.env.su or self._is_engine()):
            self.account_id.check_access("read")

    def _notice_lines(self):
        # sudo: the owner reads whom his promise is for.
        name = self.account_id.sudo().display_name
        return [*super()._notice_lines(), *([name] if name else [])]
