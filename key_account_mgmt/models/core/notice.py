import logging
from collections import namedtuple
from datetime import timedelta

from markupsafe import Markup, escape
from psycopg2 import OperationalError

from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import Domain
from odoo.tools import str2bool

from . import webhook

_logger = logging.getLogger(__name__)

# entries: what is said under the title, [(text, url or None), …]
Part = namedtuple("Part", "title entries url")


class KamNotice(models.Model):
    """One thing a person should hear about.

    Everything queued for a person goes out in one message on the next working
    morning; ``urgent`` ones at once.  Notices of one ``topic`` stand under one title with
    their number, and what is settled before the morning is not told any more.

    The person chooses the channel, else his company: e-mail, Odoo's chat, or the robot
    of the company's chat.  Another channel adds its code to the selection and a method
    ``_deliver_<code>(user, subject, parts)``.  Design §4.7.
    """

    _name = "kam.notice"
    _inherit = ["kam.guarded", "kam.job.mixin"]
    _description = "Notice"
    _order = "id desc"

    _guarded_create = True
    _guarded_write = True

    user_id = fields.Many2one("res.users", required=True, index=True, ondelete="cascade")
    title = fields.Char(required=True)
    lines = fields.Json()
    topic = fields.Char(help="Notices of one topic are told together.")
    urgent = fields.Boolean()
    res_model = fields.Char()
    res_id = fields.Many2oneReference(model_field="res_model")
    sent_on = fields.Datetime(index="btree_not_null")
    settled_on = fields.Datetime(help="The matter was over before it was told.")

    _waiting_idx = models.Index("(res_model, res_id) WHERE sent_on IS NULL AND settled_on IS NULL")

    # Asking to be told -----------------------------------------------------------

    @api.model
    def _queue(self, user, title, lines=(), urgent=False, record=None, topic=None):
        """Tell ``user`` something; texts are already in his language.

        :param lines: list of str, one per fact
        :param urgent: at once instead of with the next morning's message
        :param record: what it is about; becomes the link of the message
        :param topic: code under which the morning's message counts it with its likes
        """
        self._queue_all([self._prepare_vals(user, title, lines, urgent, record, topic)])

    @api.model
    def _prepare_vals(self, user, title, lines=(), urgent=False, record=None, topic=None):
        """One entry of :meth:`_queue_all`; the parameters are those of :meth:`_queue`."""
        return {
            "user_id": user.id,
            "title": title,
            "lines": list(lines),
            "topic": topic,
            "urgent": urgent,
            "res_model": record._name if record else False,
            "res_id": record.id if record else False,
        }

    @api.model
    def _queue_all(self, vals_list):
        """Tell many people, or many things, at once."""
        # sudo: whoever triggers a notice need not be allowed to read the receiver's.
        notices = self.sudo()._as_engine().create(vals_list)
        for notice in notices.filtered("urgent"):
            notice._send_at_once()

    @api.model
    def _settle(self, topic, records, users=None):
        """What waits to be told about ``records`` is not needed any more.

        :param users: only what these would hear; empty: everybody
        """
        domain = self._waiting_domain() & Domain("topic", "=", topic)
        domain &= Domain("res_model", "=", records._name) & Domain("res_id", "in", records.ids)
        if users is not None:
            domain &= Domain("user_id", "in", users.ids)
        # sudo: whoever settles a matter need not be allowed to read who would hear of it.
        waiting = self.sudo()._as_engine().search(domain)
        waiting.write({"settled_on": fields.Datetime.now()})

    @api.model
    def _waiting_domain(self):
        return Domain("sent_on", "=", False) & Domain("settled_on", "=", False)

    # When ------------------------------------------------------------------------

    @api.model
    def _cron_send(self):
        """Send every waiting notice, one message per person."""
        # sudo: as the scheduler, whoever starts it.
        waiting = self.sudo()._as_engine().search(self._waiting_domain(), order="id")
        groups = waiting.grouped("user_id")
        companies = self.env["res.users"].union(*groups).company_id
        working = companies.filtered(self._works_today)
        told = self._told_today(self.env["res.users"].union(*groups))
        units = [
            (own._send,)
            for user, own in groups.items()
            if user.company_id in working and user not in told
        ]
        self._run_units("notices", units)

    @api.model
    def _told_today(self, users):
        """Those of the people who had their message of today: what came since waits for the
        next morning."""
        now = fields.Datetime.now()
        domain = Domain("user_id", "in", users.ids) & Domain("urgent", "=", False)
        domain &= Domain("sent_on", ">", now - timedelta(days=1))
        latest = dict(self._read_group(domain, ["user_id"], ["sent_on:max"]))
        told = users.browse()
        for company, own in users.browse().union(*latest).grouped("company_id").items():
            local_day = company._kam_working_time().local_day
            today = local_day(now)
            told |= own.browse([user.id for user in own if local_day(latest[user]) == today])
        return told

    @api.model
    def _works_today(self, company):
        """Whether it is a working day where a person of the company works."""
        working = company._kam_working_time()
        return working.is_worked(working.local_day(fields.Datetime.now()))

    @api.model
    def _is_silent(self):
        """Whether this is a copied database, from which no message may leave."""
        # sudo: whoever triggers a notice need not be allowed to read settings.
        silent = self.env["ir.config_parameter"].sudo().get_param("key_account_mgmt.silent")
        return str2bool(silent, False)

    def _job_unit_company(self, function, args):
        return self.user_id.company_id.root_id

    def _job_unit_text(self, function, args):
        return self.user_id.name

    def _send_at_once(self):
        """Now; what cannot be sent waits for the morning and disturbs nobody."""
        if self.user_id._kam_notice_channel() == "webhook":
            self._send_after_commit()
            return
        try:
            with self.env.cr.savepoint():
                self._send()
        except OperationalError:
            # The whole transaction is tried again.
            raise
        except Exception:  # pylint: disable=broad-exception-caught
            _logger.exception("Key accounts: a notice waits for the morning")

    def _send_after_commit(self):
        """No transaction waits for another server; nothing is told that was undone."""
        postcommit = self.env.cr.postcommit
        waiting = postcommit.data.setdefault("kam.notice", [])
        if not waiting:
            registry = self.env.registry

            @postcommit.add
            def send():
                with registry.cursor() as cr:
                    Notice = api.Environment(cr, SUPERUSER_ID, {})["kam.notice"]
                    Notice._send_in_own_transaction(waiting)

        waiting.extend(self.ids)

    @api.model
    def _send_in_own_transaction(self, ids):
        notices = self.browse(ids).exists()._as_engine()
        units = [(own._send,) for own in notices.grouped("user_id").values()]
        if units:
            self._run_units_alone("urgent", units)

    # What ------------------------------------------------------------------------

    def _send(self):
        """Deliver the notices of one person as one message and mark them sent.

        Returns how many.
        """
        user = self.user_id.ensure_one()
        if user.active and not self._is_silent():
            own = self.with_context(lang=user.lang)
            parts = own._message_parts()
            own._deliver(user, own._message_subject(parts), parts)
        # Marked even for an inactive person: nothing waits for ever.
        self.write({"sent_on": fields.Datetime.now()})
        return len(self)

    def _message_parts(self):
        """``[Part, …]`` in the order in which they were queued, topics together."""
        parts = []
        by_topic = self.sorted("id").grouped(lambda n: n.topic or n.id)
        for topic, notices in by_topic.items():
            latest = notices._latest_of_each_record() if notices[0].topic else notices
            if len(latest) > 1:
                entries = [(notice._sentence(), notice._url()) for notice in latest]
                parts.append(Part(self._topic_title(topic, len(latest)), entries, None))
            else:
                entries = [(line, None) for line in latest.lines or []]
                parts.append(Part(latest.title, entries, latest._url()))
        return parts

    def _latest_of_each_record(self):
        """A matter told twice is told as it is now."""
        by_record = {(n.res_model, n.res_id) if n.res_id else n.id: n.id for n in self}
        return self.browse(by_record.values())

    @api.model
    def _topic_title(self, topic, count):
        """The title of several notices of one topic; domains override it for theirs."""
        return self.env._("%(count)s matters wait for you", count=count)

    def _sentence(self):
        facts = "; ".join(self.lines or [])
        return f"{self.title} – {facts}" if facts else self.title

    def _url(self):
        if not self.res_id:
            return None
        return f"{self.get_base_url()}/odoo/{self.res_model}/{self.res_id}"

    def _message_subject(self, parts):
        if len(parts) == 1:
            return parts[0].title
        return self.env._("%(count)s notices: %(first)s …", count=len(parts), first=parts[0].title)

    def _message_body(self, parts):
        """The message as HTML."""
        body = Markup("")
        for part in parts:
            items = Markup("").join(
                Markup("<li>%s</li>") % self._linked(text, url) for text, url in part.entries
            )
            body += Markup("<p><strong>%s</strong></p><ul>%s</ul>") % (part.title, items)
            if part.url:
                body += Markup("<p>%s</p>") % self._linked(self.env._("Open"), part.url)
        return body

    @api.model
    def _linked(self, text, url):
        return Markup('<a href="%s">%s</a>') % (url, text) if url else escape(text)

    # How -------------------------------------------------------------------------

    @api.model
    def _deliver(self, user, subject, parts):
        """Hand one message over to the channel of the person."""
        getattr(self, f"_deliver_{user._kam_notice_channel()}")(user, subject, parts)

    @api.model
    def _deliver_email(self, user, subject, parts):
        """Through Odoo's queue."""
        if not user.email:
            return
        # sudo: whoever triggers a notice need not be allowed to send mail.
        self.env["mail.mail"].sudo().create(
            {
                "subject": subject,
                "body_html": self._message_body(parts),
                "email_to": user.email_formatted,
                "auto_delete": True,
            }
        )

    @api.model
    def _deliver_chat(self, user, subject, parts):
        """From OdooBot, in the conversation the person has with it."""
        robot = self.env.ref("base.partner_root")
        # sudo: the conversation is the receiver's, whoever triggers the notice.
        Channel = self.env["discuss.channel"].with_user(user).sudo()
        channel = Channel._get_or_create_chat([robot.id, user.partner_id.id])
        channel.message_post(
            author_id=robot.id,
            body=self._message_body(parts),
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )

    @api.model
    def _deliver_webhook(self, user, subject, parts):
        """Through the robot of the company's chat; raises when it is not taken.

        Everybody in the group reads it: titles and links, never the facts.
        """
        # sudo: only Settings users know the robot's address.
        company = user.sudo().company_id.root_id
        texts = [self.env._("Key Accounts: %(name)s", name=user.name)]
        texts += [f"• {part.title} {part.url or ''}".rstrip() for part in parts]
        kind = company.kam_notice_webhook_kind or "plain"
        message = webhook.payload(kind, "\n".join(texts), user.partner_id.phone)
        webhook.post(kind, company.kam_notice_webhook_url, message)
