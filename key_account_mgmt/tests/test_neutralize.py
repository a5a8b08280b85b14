from odoo.modules.neutralize import get_neutralization_queries
from odoo.tests import tagged

from .common import KamCase


@tagged("post_install", "-at_install")
class TestNeutralize(KamCase):
    """A copied database sends no message of ours.  Design §8."""

    def setUp(self):
        super().setUp()
        self.Notice = self.env["kam.notice"]

    def _neutralize(self):
        """What Odoo runs on a copied database, as far as it is ours."""
        self.env.flush_all()
        queries = list(get_neutralization_queries(["key_account_mgmt"]))
        self.assertEqual(len(queries), 1)
        for query in queries:
            self.cr.execute(query)
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        self.addCleanup(self.env.registry.clear_cache)

    def _mails(self):
        return self.env["mail.mail"].search_count([("email_to", "ilike", self.user.email)])

    def _notice(self):
        return self.Notice.search([("user_id", "=", self.user.id)], limit=1)

    def test_without_it_messages_leave(self):
        """What the tests below prove is not true anyway."""
        self.Notice._queue(self.user, "An approval waits", urgent=True)
        self.assertEqual(self._mails(), 1)

    def test_what_waits_counts_as_sent(self):
        self.Notice._queue(self.user, "Something is due")
        sent = self.Notice.search([]).filtered("sent_on")
        before = {notice.id: notice.sent_on for notice in sent}
        self._neutralize()
        self.assertTrue(self._notice().sent_on)
        self.assertFalse(self.Notice.search([("sent_on", "=", False)]))
        self.assertEqual({notice.id: notice.sent_on for notice in sent}, before)

    def test_nothing_queued_later_is_sent(self):
        self._neutralize()
        self.Notice._queue(self.user, "An approval waits", urgent=True)
        self.assertTrue(self._notice().sent_on)
        self.Notice._queue(self.user, "Something is due")
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: 1.0)
        self.patch(type(self.Notice), "_works_today", lambda *args: True)
        self.Notice.with_user(self.env.ref("base.user_root"))._cron_send()
        self.assertTrue(self._notice().sent_on, "it does not wait for a day it could be sent on")
        self.assertEqual(self._mails(), 0)

    def test_twice_is_once(self):
        """A copy of a copy; and a parameter somebody switched off is set again."""
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param("key_account_mgmt.silent", "0")
        self.assertFalse(self.Notice._is_silent())
        self._neutralize()
        self._neutralize()
        self.assertTrue(self.Notice._is_silent())
        parameters.set_param("key_account_mgmt.silent", False)
        self.assertFalse(self.Notice._is_silent())
