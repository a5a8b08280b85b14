from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .webhook import KINDS
from .working_time import WorkingTime

CHANNELS = [("email", "E-mail"), ("chat", "Odoo Chat"), ("webhook", "Company Chat")]


class ResCompany(models.Model):
    """Working time: Odoo's working hours and company-wide days off, with the public
    holidays and make-up working days of ``kam.calendar.day`` in force over both.

    The hours are those of the company's *Default Working Hours*; a branch without any
    follows the nearest company above it. Where nobody entered hours, people work Monday
    to Friday from 9:00 to 17:00 in the time zone of the company's contact (else UTC).

    Moments are naive and in UTC, days are those of the place where the company works.
    Source: Q15, Q39.
    """

    _inherit = "res.company"

    # No defaults: installing must not rewrite the rows of companies. Empty: e-mail.
    kam_notice_channel = fields.Selection(CHANNELS, "Key Account Notices by")
    kam_notice_webhook_kind = fields.Selection(KINDS, "Robot of", groups="base.group_system")
    kam_notice_webhook_url = fields.Char(
        "Robot Address",
        groups="base.group_system",
        help="HTTPS address of the group robot. Whoever knows it can write to the group.",
    )

    @api.constrains("kam_notice_webhook_url")
    def _check_kam_notice_webhook_url(self):
        for company in self:
            url = company.kam_notice_webhook_url
            if url and not url.lower().startswith("https://"):
                raise ValidationError(
                    self.env._("The address of the robot must start with https://.")
                )

    def _kam_people_in(self, *groups):
        """Who is put into one of the groups himself, not by a higher one, in the company or a
        branch of it.

        :param groups: XML ids
        """
        found = self.env["res.groups"].union(*(self.env.ref(xmlid) for xmlid in groups))
        companies = self.search([("id", "child_of", self.ids)])
        return self.env["res.users"].search(
            [("group_ids", "in", found.ids), ("company_ids", "in", companies.ids)], order="id"
        )

    def _kam_working_time(self):
        """The company's working time, for a call with many documents.

        It has the methods below without their prefix and reads the database once, however
        many documents there are; see :class:`~.working_time.WorkingTime`.
        """
        return WorkingTime(self)

    def _kam_is_working_day(self, day):
        """Whether anybody works on a day."""
        return self._kam_working_time().is_worked(day)

    def _kam_working_intervals(self, moment):
        """Endless ``(day, [(start, end), …])`` for every day from that of a moment on."""
        return self._kam_working_time().days_from(moment)

    def _kam_add_working_hours(self, moment, hours):
        """The moment at which so many hours of work have passed.

        Raises UserError where nobody works for a year.
        """
        return self._kam_working_time().add_hours(moment, hours)

    def _kam_working_hours(self, start, end):
        """Hours of work between two moments; 0 where the second is not later."""
        return self._kam_working_time().hours_between(start, end)

    def _kam_add_working_days(self, day, count):
        """The ``count``-th working day after a day, which itself is not counted; before it
        where ``count`` is negative.  0: the day itself where it is worked, else the next.

        Raises UserError where nobody works for a year.
        """
        return self._kam_working_time().add_days(day, count)
