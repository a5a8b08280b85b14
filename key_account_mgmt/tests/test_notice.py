from datetime import datetime, timedelta
from unittest.mock import Mock, patch

import requests
from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import KamCase

POST = "odoo.addons.key_account_mgmt.models.core.webhook.requests.post"
MIXIN = "odoo.addons.key_account_mgmt.models.core.job_mixin"
URL = "https://robots.example/send?key=secret"


def answer(status=200, **body):
    return Mock(status_code=status, json=lambda: body)


@freeze_time("2026-11-23 00:00:00")
@tagged("post_install", "-at_install")
class TestNotice(KamCase):
    """At most one message per person and working morning; design §4.7."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Whatever the database brings along is not part of the story.
        cls.Notice = cls.env["kam.notice"]
        cls.Notice._as_engine().search([]).write({"sent_on": "2026-01-01 00:00:00"})
        cls.user.email = "user@example.com"
        cls.officer.email = "officer@example.com"
        cls.user.partner_id.phone = "+86 138 0013 8000"

    def setUp(self):
        super().setUp()
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: 1.0)
        self.mails = self.env["mail.mail"].search([])

    def _morning(self, later=0):
        """The morning of Monday, or so many days later."""
        with freeze_time(fields.Datetime.now() + timedelta(days=later)):
            self.Notice._cron_send()

    def _mails(self):
        return self.env["mail.mail"].search([], order="id") - self.mails

    def _webhook(self, kind="wecom"):
        self.company.sudo().write(
            {
                "kam_notice_channel": "webhook",
                "kam_notice_webhook_kind": kind,
                "kam_notice_webhook_url": URL,
            }
        )

    def _chat(self, user):
        robot = self.env.ref("base.partner_root")
        return (
            self.env["mail.message"]
            .search(
                [
                    ("model", "=", "discuss.channel"),
                    ("author_id", "=", robot.id),
                    ("body", "ilike", "Tianheng"),
                ]
            )
            .filtered(
                lambda m: (
                    user.partner_id
                    in self.env["discuss.channel"].browse(m.res_id).channel_member_ids.partner_id
                )
            )
        )

    def _waiting(self):
        return self.Notice.search(self.Notice._waiting_domain())

    # One message

    def test_one_message_per_person(self):
        for title in ("One", "Two"):
            self.Notice._queue(self.user, title, ["fact"])
        self.Notice._queue(self.officer, "Three")
        self._morning()
        mails = {mail.email_to: mail for mail in self._mails()}
        self.assertEqual(len(mails), 2)
        mine = mails[self.user.email_formatted]
        self.assertEqual(mine.subject, "2 notices: One …")
        self.assertIn("<li>fact</li>", mine.body_html)
        self.assertEqual(mails[self.officer.email_formatted].subject, "Three")
        self.assertFalse(self._waiting())

    def test_nothing_due_no_message(self):
        self._morning()
        self.assertFalse(self._mails())
        run = self.env["kam.job.run"].search([("code", "=", "kam.notice/notices")], limit=1)
        self.assertEqual(run.state, "idle")

    def test_one_message_a_day_however_often_it_runs(self):
        """What is queued after the morning's message waits for the next one."""
        self.company.resource_calendar_id.tz = "Asia/Shanghai"
        self.Notice._queue(self.user, "Now", urgent=True)
        self.Notice._queue(self.user, "One")
        self._morning()
        self.assertEqual(len(self._mails()), 2)
        self.Notice._queue(self.user, "Two")
        self.Notice._queue(self.officer, "Three")
        # 15:59 in UTC is the last minute of the day in Shanghai.
        for moment, mails in (("2026-11-23 15:59:00", 3), ("2026-11-23 16:00:00", 4)):
            with freeze_time(moment):
                self._morning()
                self.assertEqual(len(self._mails()), mails, moment)

    def test_only_on_working_days(self):
        self.Notice._queue(self.user, "One")
        for moment, sent in (("2026-11-21 00:00:00", 0), ("2026-11-22 00:00:00", 0)):
            with freeze_time(moment):
                self._morning()
                self.assertEqual(len(self._mails()), sent, moment)
        self._morning()
        self.assertEqual(len(self._mails()), 1)

    def test_urgent_goes_at_once_and_only_once(self):
        self.Notice._queue(self.user, "Now", urgent=True)
        self.assertEqual(len(self._mails()), 1)
        self._morning()
        self.assertEqual(len(self._mails()), 1)

    def test_what_cannot_be_sent_at_once_waits_for_the_morning(self):
        model = type(self.Notice)
        with (
            patch.object(model, "_deliver_email", side_effect=ValueError),
            mute_logger("odoo.addons.key_account_mgmt.models.core.notice"),
        ):
            self.Notice._queue(self.user, "Now", urgent=True)
        self.assertEqual(self._waiting().title, "Now")
        self._morning()
        self.assertEqual(self._mails().subject, "Now")

    def test_who_left_hears_nothing_and_nothing_waits(self):
        self.Notice._queue(self.user, "One")
        self.user.active = False
        self._morning()
        self.assertFalse(self._mails())
        self.assertFalse(self._waiting())

    # Topics

    def _ask(self, partner, user=None, topic="approval"):
        title = f"Waits for your approval: {partner.name}"
        self.Notice._queue(user or self.user, title, ["fact"], record=partner, topic=topic)

    def test_notices_of_a_topic_are_counted(self):
        partners = [self._new_customer(f"Customer {n}") for n in range(4)]
        for partner in partners:
            self._ask(partner)
        self._morning()
        mail = self._mails()
        self.assertEqual(mail.subject, "4 approvals wait for you")
        for partner in partners:
            self.assertIn(f"/odoo/res.partner/{partner.id}", mail.body_html)
        self.assertEqual(mail.body_html.count("<li>"), 4)

    def test_one_of_a_topic_keeps_its_title(self):
        self._ask(self._new_customer("Tianheng"))
        self._morning()
        self.assertEqual(self._mails().subject, "Waits for your approval: Tianheng")

    def test_topics_and_the_rest_stand_in_one_message(self):
        for number in range(2):
            self._ask(self._new_customer(f"Customer {number}"))
        self.Notice._queue(self.user, "Another")
        self._morning()
        self.assertEqual(self._mails().subject, "2 notices: 2 approvals wait for you …")

    def test_the_same_matter_counts_once(self):
        partner = self._new_customer("Tianheng")
        self._ask(partner)
        self._ask(partner)
        self._morning()
        self.assertEqual(self._mails().subject, "Waits for your approval: Tianheng")
        self.assertFalse(self._waiting())

    def test_another_topic_has_a_title_too(self):
        for number in range(2):
            self._ask(self._new_customer(f"Customer {number}"), topic="other")
        self._morning()
        self.assertEqual(self._mails().subject, "2 matters wait for you")

    def test_what_is_settled_is_not_told(self):
        settled, open_one = self._new_customer("Settled"), self._new_customer("Open")
        self._ask(settled)
        self._ask(open_one)
        self.Notice._settle("other", settled)
        self.assertEqual(len(self._waiting()), 2, "another topic")
        self.Notice._settle("approval", settled, self.officer)
        self.assertEqual(len(self._waiting()), 2, "another person")
        self.Notice.with_user(self.seller)._settle("approval", settled)
        self.assertEqual(self._waiting().res_id, open_one.id)
        self._morning()
        self.assertEqual(self._mails().subject, "Waits for your approval: Open")
        self.Notice._settle("approval", open_one)
        told = self.Notice.search([("res_id", "=", open_one.id), ("topic", "=", "approval")])
        self.assertFalse(told.settled_on, "what was told stays told")

    def test_everything_settled_no_message(self):
        partner = self._new_customer("Settled")
        self._ask(partner)
        self.Notice._settle("approval", partner)
        self._morning()
        self.assertFalse(self._mails())

    # Channels

    def test_the_person_chooses_else_the_company_else_mail(self):
        self.assertEqual(self.user._kam_notice_channel(), "email")
        self.company.kam_notice_channel = "chat"
        self.assertEqual(self.user._kam_notice_channel(), "chat")
        # With his own rights, in his preferences.
        self._as(self.user, self.user).write({"kam_notice_channel": "email"})
        self.assertEqual(self.user._kam_notice_channel(), "email")
        with self.assertRaises(AccessError):
            self._as(self.officer, self.user).write({"kam_notice_channel": "email"})
        self.user.kam_notice_channel = "webhook"
        self.assertEqual(self.user._kam_notice_channel(), "email", "no robot")
        self._webhook()
        self.assertEqual(self.user._kam_notice_channel(), "webhook")

    def test_chat(self):
        self.user.kam_notice_channel = "chat"
        self.Notice._queue(self.user, "About Tianheng", ["a <b>fact</b>"], record=self.user)
        self._morning()
        message = self._chat(self.user)
        self.assertEqual(len(message), 1)
        self.assertIn("&lt;b&gt;fact", message.body)
        self.assertFalse(self._mails())
        self.Notice._queue(self.user, "Tianheng again")
        self._morning(later=1)
        messages = self._chat(self.user)
        self.assertEqual(len(messages), 2)
        self.assertEqual(len(set(messages.mapped("res_id"))), 1, "one conversation")

    def test_each_robot_gets_its_shape(self):
        text = f"Key Accounts: {self.user.name}\n• About Tianheng"
        shapes = (
            (
                "wecom",
                {
                    "msgtype": "text",
                    "text": {"content": text, "mentioned_mobile_list": ["13800138000"]},
                },
            ),
            (
                "dingtalk",
                {
                    "msgtype": "text",
                    "text": {"content": text},
                    "at": {"atMobiles": ["13800138000"], "isAtAll": False},
                },
            ),
            ("feishu", {"msg_type": "text", "content": {"text": text}}),
            ("plain", {"text": text}),
        )
        for day, (kind, expected) in enumerate(shapes):
            self._webhook(kind)
            self.Notice._queue(self.user, "About Tianheng", ["margin 12 %"])
            with patch(POST, return_value=answer(errcode=0)) as post:
                self._morning(later=day)
            post.assert_called_once()
            self.assertEqual(post.call_args.args, (URL,))
            self.assertEqual(post.call_args.kwargs["json"], expected, "titles, never facts")
            self.assertTrue(post.call_args.kwargs["timeout"])
            self.assertFalse(post.call_args.kwargs["allow_redirects"])
            self.assertFalse(self._waiting())
        self.assertFalse(self._mails())

    def test_a_refusing_robot_is_logged_and_tried_again(self):
        self._webhook()
        refusals = [
            {"side_effect": requests.ConnectionError(f"cannot reach {URL}")},
            {"side_effect": requests.Timeout(URL)},
            {"return_value": answer(500)},
            {"return_value": answer(302)},
            {"return_value": answer(errcode=93000, errmsg="invalid key")},
        ]
        self.Notice._queue(self.user, "One")
        for refusal in refusals:
            with patch(POST, **refusal), mute_logger(MIXIN):
                self._morning()
            run = self.env["kam.job.run"].search([("code", "=", "kam.notice/notices")], limit=1)
            self.assertEqual((run.state, run.unit), ("failed", self.user.name))
            self.assertIn("WebhookError", run.message)
            self.assertNotIn("secret", run.message)
            self.assertEqual(self._waiting().title, "One")
        with patch(POST, return_value=answer(errcode=0)):
            self._morning()
        self.assertFalse(self._waiting())

    def test_a_refusing_robot_stops_nobody_else(self):
        self._webhook()
        self.officer.kam_notice_channel = "email"
        self.Notice._queue(self.user, "One")
        self.Notice._queue(self.officer, "Two")
        with patch(POST, return_value=answer(500)), mute_logger(MIXIN):
            self._morning()
        self.assertEqual(self._mails().subject, "Two")

    def test_an_urgent_one_reaches_the_robot_after_the_commit_only(self):
        self._webhook()
        with patch(POST, return_value=answer(errcode=0)) as post:
            self.Notice._queue(self.user, "One", urgent=True)
            self.Notice._queue(self.user, "Two", urgent=True)
            post.assert_not_called()
            self.env.flush_all()
            with self.enter_registry_test_mode():
                self.env.cr.postcommit.run()
            post.assert_called_once()
        self.env.invalidate_all()
        self.assertFalse(self._waiting())

    def test_an_urgent_one_the_robot_refuses_waits_for_the_morning(self):
        self._webhook()
        with patch(POST, return_value=answer(500)), mute_logger(MIXIN):
            self.Notice._queue(self.user, "One", urgent=True)
            self.env.flush_all()
            with self.enter_registry_test_mode():
                self.env.cr.postcommit.run()
        self.env.invalidate_all()
        self.assertEqual(self._waiting().title, "One")
        run = self.env["kam.job.run"].search([("code", "=", "kam.notice/urgent")])
        self.assertEqual(run.state, "failed")

    def test_the_address_of_the_robot(self):
        """HTTPS only, and for Settings users only."""
        with self.assertRaises(ValidationError):
            self.company.sudo().kam_notice_webhook_url = "http://robots.example"
        self._webhook()
        for user in (self.officer, self.admin, self.auditor):
            with self.assertRaises(AccessError):
                self._as(self.company, user).read(["kam_notice_webhook_url"])

    def test_sent_is_marked_with_the_moment(self):
        self.Notice._queue(self.user, "One")
        self._morning()
        sent = self.Notice.search([("user_id", "=", self.user.id), ("title", "=", "One")])
        self.assertEqual(sent.sent_on, datetime(2026, 11, 23))
