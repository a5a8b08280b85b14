from odoo import api, models
from odoo.fields import Domain

# Before the number there is nothing to pursue; suspended ones rest.
ON_AGENDA = ("to_approve", "in_progress")
# Left the agenda since: shown once more, with how it ended.
GONE = ("won", "lost", "lapsed", "cancelled")


class KamReview(models.Model):
    """The filing meeting: each running pursuit, what moved and what is late.

    Source: S1n-11, S1n-12, (c2), J06.
    """

    _inherit = "kam.review"

    @api.model
    def _agenda_filing_month(self, company, period):
        """Registered pursuits that run, and those that ended since the last meeting.

        The steps and reports are read for all of them at once.
        """
        since = self._since(self.env.ref("key_account_mgmt.kam_review_kind_filing_month"),
                            company, period)  # fmt: skip
        today = company._kam_today()
        mine = Domain("company_id", "=", company.id)
        # sudo: the agenda is the company's, whoever presses the button.
        Pursuit = self.env["kam.pursuit"].sudo().with_context(active_test=False)
        runs = mine & Domain("state", "in", ON_AGENDA) & Domain("active", "=", True)
        # A meeting made up for a month that is over: what was not registered did not run.
        runs &= Domain("registered_on", "<=", period.end)
        ended = mine & Domain("state", "in", GONE) & Domain("ended_on", ">=", since)
        pursuits = Pursuit.search(runs, order="number, id")
        ended &= Domain("number", "!=", False) & Domain("registered_on", "<=", period.end)
        pursuits |= Pursuit.search(ended, order="number, id")
        progress, late = pursuits._review_progress(since), pursuits._review_late(today)
        return [
            {
                "subject": {"pursuit_id": pursuit.id},
                # Ended in this month it ran in this month.
                "runs": pursuit.state in ON_AGENDA or pursuit.ended_on >= period.start,
                "name": pursuit.display_name or pursuit.number,
                "account_id": pursuit.account_id.id,
                "owner_id": pursuit.user_id.id,
                "facts": {
                    "progress": progress.get(pursuit.id, []),
                    "late": late.get(pursuit.id, []),
                },
            }
            for pursuit in pursuits
        ]
