from odoo import api, models

TOPIC = "lead"


class KamAccount(models.Model):
    _inherit = "kam.account"

    def _message_auto_subscribe_notify(self, partner_ids, template):
        """Whoever is given accounts hears of them with the morning's message, not by a letter
        of Odoo's for each.  Source: design §4.7.
        """
        if self.env.context.get("mail_auto_subscribe_no_notify"):
            return
        notices = self.env["kam.notice"]
        # Given on before the morning: only the last one hears.
        notices._settle(TOPIC, self)
        given = self.filtered(lambda account: account.user_id.partner_id.id in partner_ids)
        notices._queue_all(
            [account._lead_notice(account.user_id) for account in given if account.user_id.active]
        )

    def _lead_notice(self, user):
        own = self.with_context(lang=user.lang)
        title = own.env._("You lead %(account)s now", account=own.name)
        return self.env["kam.notice"]._prepare_vals(user, title, record=self, topic=TOPIC)


class KamNotice(models.Model):
    _inherit = "kam.notice"

    @api.model
    def _topic_title(self, topic, count):
        if topic == TOPIC:
            return self.env._("You lead %(count)s more accounts", count=count)
        return super()._topic_title(topic, count)
