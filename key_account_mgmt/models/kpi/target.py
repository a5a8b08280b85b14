from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ...policy import spreading
from ...policy.periods import Period
from ..core.guarded import ondelete_always
from .subject import PERIOD_KINDS, SUBJECT_KINDS, KpiSubject, period_of

# What a target is about; a change of one of these, or of the amount, changes a card.
ABOUT = (
    "company_id", "kpi_id", "subject_kind", "user_id", "team_id", "account_id", "period_kind",
    "date_from", "amount", "number",
)  # fmt: skip
DATED = {"company_id", "period_kind", "date_from"}
HOLDERS = {"user": "user_id", "team": "team_id", "account": "account_id"}


class KamTarget(models.Model):
    """What a person, a team, an account or the programme is to reach in a period.

    Money is in company currency.  A target of a year may be spread over its months; a month
    somebody changed by hand stays as it is when the year is spread again.
    Source: S0-41, S1a-01, S1f-04, S1f-05, users §3.7 (K27).
    """

    _name = "kam.target"
    _inherit = ["kam.guarded"]
    _description = "Target"
    _order = "date_from desc, period_kind desc, subject_kind desc, id"
    _check_company_auto = True

    _guarded_initial = {"parent_id": False, "is_edited": False}

    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company.root_id
    )
    kpi_id = fields.Many2one(
        "kam.kpi",
        "KPI",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self._default_kpi_id(),
        domain=[("kind", "in", ("metric", "share"))],
    )
    subject_kind = fields.Selection(SUBJECT_KINDS, "Target Of", required=True, default="user")
    user_id = fields.Many2one(
        "res.users",
        "Person",
        index="btree_not_null",
        domain=[("share", "=", False)],
        ondelete="restrict",
    )
    team_id = fields.Many2one("crm.team", "Sales Team", index="btree_not_null", ondelete="restrict")
    account_id = fields.Many2one(
        "kam.account", index="btree_not_null", check_company=True, ondelete="cascade"
    )
    subject_name = fields.Char("Whose Target", compute="_compute_subject_name")
    period_kind = fields.Selection(PERIOD_KINDS, "Period", required=True, default="year")
    date_from = fields.Date(
        "From",
        required=True,
        default=lambda self: self._default_date_from(),
        help="Any day of the period; kept as its first day.",
    )
    date_to = fields.Date(
        "To", compute="_compute_date_to", store=True, precompute=True, readonly=True
    )
    unit = fields.Selection(related="kpi_id.unit")
    currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_currency_id",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
        help="That of the company; an import in another currency is refused.",
    )
    amount = fields.Monetary(help="Of KPIs in money.")
    number = fields.Float(help="Of all other KPIs: a count, a percentage, tons.")
    value_label = fields.Char("Target in Words", compute="_compute_value_label")
    parent_id = fields.Many2one(
        "kam.target", "Spread From", index="btree_not_null", readonly=True, ondelete="cascade"
    )
    child_ids = fields.One2many("kam.target", "parent_id", "Months")
    is_edited = fields.Boolean("Changed by Hand", readonly=True, copy=False)
    note = fields.Char()
    is_mine = fields.Boolean(compute="_compute_is_mine", search="_search_is_mine")

    _target_uniq = models.UniqueIndex(
        "(company_id, kpi_id, subject_kind, COALESCE(user_id, 0), COALESCE(team_id, 0), "
        "COALESCE(account_id, 0), period_kind, date_from)",
        "There is a target of this KPI for the same period already.",
    )
    _subject_check = models.Constraint(
        "CHECK ((subject_kind = 'user') = (user_id IS NOT NULL) "
        "AND (subject_kind = 'team') = (team_id IS NOT NULL) "
        "AND (subject_kind = 'account') = (account_id IS NOT NULL))",
        "Say whose target it is: a person, a team, an account, or nobody for the programme.",
    )

    def _default_kpi_id(self):
        return self.env.ref("key_account_mgmt.kam_kpi_k01", raise_if_not_found=False)

    def _default_date_from(self):
        company = self.env.company.root_id
        return period_of(company, "year", company._kam_today()).start

    @api.depends("period_kind", "date_from", "company_id")
    def _compute_date_to(self):
        for target in self:
            known = target.period_kind and target.date_from and target.company_id
            target.date_to = target._covered().end if known else False

    def _covered(self):
        return period_of(self.company_id, self.period_kind, self.date_from)

    @api.depends("company_id")
    def _compute_currency_id(self):
        for target in self:
            target.currency_id = target.company_id.currency_id

    @api.depends("subject_kind", "user_id", "team_id", "account_id")
    def _compute_subject_name(self):
        for target in self:
            holder = target[HOLDERS.get(target.subject_kind, "user_id")]
            target.subject_name = holder.sudo().display_name or self.env._("Whole Programme")

    @api.depends("kpi_id", "amount", "number")
    @api.depends_context("lang")
    def _compute_value_label(self):
        for target in self:
            kpi, money = target.kpi_id, target.company_id.currency_id
            target.value_label = kpi._format_value(target._value(), money) if kpi else False

    @api.depends("kpi_id", "subject_kind", "user_id", "team_id", "account_id", "date_from")
    def _compute_display_name(self):
        for target in self:
            month = target.date_from and target.date_from.strftime("%Y-%m")
            parts = (target.kpi_id.display_name, target.subject_name, month)
            target.display_name = " · ".join(part for part in parts if part)

    # Who sees it ----------------------------------------------------------------------

    @api.depends_context("uid")
    def _compute_is_mine(self):
        mine = self.filtered_domain(self._mine_domain())
        for target in self:
            target.is_mine = target in mine

    def _search_is_mine(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._mine_domain() if True in value else ~self._mine_domain()

    @api.model
    def _mine_domain(self):
        """One's own, those of the people and teams one leads, of accounts one works on."""
        user = self.env.user
        # sudo: who leads whom is no secret of the leader.
        teams = self.env["crm.team"].sudo().search([("user_id", "=", user.id)])
        people = user | user._kam_own_people() | teams.member_ids
        today = self.env.company._kam_today()
        member = Domain("user_id", "=", user.id)
        member &= self.env["kam.team.member"]._covering_domain(today)
        on_team = Domain("user_id", "=", user.id) | Domain("executive_sponsor_id", "=", user.id)
        on_team |= Domain("member_ids", "any", member)
        accounts = self.env["kam.account"].sudo().search(on_team)
        return (
            Domain("user_id", "in", people.ids)
            | Domain("team_id", "in", teams.ids)
            | Domain("team_id.member_ids", "in", user.ids)
            | Domain("account_id", "in", accounts.ids)
        )

    # Checks ---------------------------------------------------------------------------

    @api.constrains("currency_id", "company_id")
    def _check_currency(self):
        for target in self:
            if target.currency_id != target.company_id.currency_id:
                raise ValidationError(
                    self.env._(
                        "%(target)s: targets of %(company)s are in %(wanted)s; convert %(given)s "
                        "first.",
                        target=target.display_name,
                        company=target.company_id.name,
                        wanted=target.company_id.currency_id.name,
                        given=target.currency_id.name,
                    )
                )

    @api.constrains("company_id")
    def _check_root_company(self):
        for target in self:
            if target.company_id.root_id != target.company_id:
                raise ValidationError(
                    self.env._(
                        "%(branch)s is a branch: targets belong to %(company)s.",
                        branch=target.company_id.name,
                        company=target.company_id.root_id.name,
                    )
                )

    @api.constrains("kpi_id", "amount", "number")
    def _check_value(self):
        for target in self:
            if target.kpi_id.kind not in ("metric", "share"):
                raise ValidationError(
                    self.env._(
                        "%(kpi)s is not measured by itself: it has no target.",
                        kpi=target.kpi_id.display_name,
                    )
                )
            is_money = target.kpi_id.unit == "money"
            if (target.number if is_money else target.amount) != 0:
                raise ValidationError(
                    self.env._(
                        "%(kpi)s is measured in money: enter the amount.",
                        kpi=target.kpi_id.display_name,
                    )
                    if is_money
                    else self.env._(
                        "%(kpi)s is not measured in money: enter the number.",
                        kpi=target.kpi_id.display_name,
                    )
                )

    def _check_open(self, new=False):
        """Hook: raises where the period is closed for the subject.  Scorecards come later.

        :param new: the target did not exist before: nothing was scored by it
        """

    def _is_open(self):
        """Whether the target may still be changed."""
        self.ensure_one()
        try:
            self._check_open()
        except UserError:
            return False
        return True

    def _check_visible_kpi(self, new_id=None):
        """Nobody sets a target he may not be shown."""
        if not self.env.su:
            (self.kpi_id | self.kpi_id.browse(new_id or []))._check_may_see()

    # Keeping --------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        nothing = self.browse()
        targets = super().create([nothing._with_first_day(vals) for vals in vals_list])
        targets._check_visible_kpi()
        targets._check_open(new=True)
        return targets

    def write(self, vals):
        names = [name for name in ABOUT if name in vals]
        self._check_months_fit(vals)
        if names:
            # Before and after: neither out of a closed period nor into one.
            self._check_open()
        if not self._is_engine():
            self._check_visible_kpi(vals.get("kpi_id"))
        if DATED & vals.keys():
            for target in self:
                super(KamTarget, target).write(target._with_first_day(vals))
        else:
            super().write(vals)
        if names:
            self._check_open()
        if {"amount", "number"} & set(names) and not self._is_engine():
            months = self.filtered("parent_id")
            super(KamTarget, months._as_engine()).write({"is_edited": True})
        return True

    def _move_to_account(self, account):
        """The file was merged: what was asked for stays, also of a closed period."""
        # pylint: disable-next=super-method-mismatch
        return super().write({"account_id": account.id})

    def _check_months_fit(self, vals):
        """Whose target of what it is does not change under the months it was spread over."""
        about = [name for name in ABOUT if name in vals and name not in ("amount", "number")]
        for target in self.filtered("child_ids") if about else ():
            if target._is_about_something_else(vals, about):
                raise UserError(
                    self.env._(
                        "“%(target)s” was spread over its months: enter another target instead, "
                        "or delete its months first.",
                        target=target.display_name,
                    )
                )

    def _is_about_something_else(self, vals, names):
        day = fields.Date.to_date(vals.get("date_from"))
        if day and not self.date_from <= day <= self.date_to:
            return True
        return any(
            self._fields[name].convert_to_write(self[name], self) != vals[name]
            for name in names
            if name != "date_from"
        )

    def _with_first_day(self, vals):
        """The first day of the period any of its days was given for."""
        this = self[:1]
        company = self.env["res.company"].browse(vals.get("company_id")) or this.company_id
        company = company or self.env.company.root_id
        kind = vals.get("period_kind") or this.period_kind or "year"
        day = fields.Date.to_date(vals.get("date_from")) or this.date_from
        day = day or self._default_date_from()
        return {**vals, "date_from": period_of(company, kind, day).start}

    @ondelete_always
    def _unlink_except_closed(self):
        # Its months go with it.
        (self | self.sudo().child_ids)._check_open()

    @api.model
    def load(self, fields, data):  # pylint: disable=redefined-outer-name
        """Import: a name that fits several people is refused, as one that fits nobody is.

        Odoo would take the first of them and say so afterwards.  Nothing is imported
        unless every row is right.
        """
        with self.env.cr.savepoint() as savepoint:
            # All rows at once: of a long file Odoo would keep the first two thousand.
            result = super(KamTarget, self.with_context(_import_limit=None)).load(fields, data)
            doubtful = [m for m in result["messages"] if m.get("type") == "warning"]
            result["messages"] = self._of_their_own_line(result["messages"])
            if doubtful and result["ids"]:
                savepoint.rollback()
                self.env.invalidate_all()
                result = {**result, "ids": False}
                result["messages"] = [{**m, "type": "error"} for m in doubtful]
        return result

    @api.model
    def _of_their_own_line(self, messages):
        """Without what Odoo says at the first line about one that comes later, too."""
        first, *others = messages or [{}]
        if any(first.get("message") == other["message"] for other in others):
            return others
        return messages

    # Reading --------------------------------------------------------------------------

    def _subject(self):
        self.ensure_one()
        name = HOLDERS.get(self.subject_kind)
        return KpiSubject(self.subject_kind, self[name].id if name else 0)

    def _period(self):
        return Period(self.date_from, self.date_to)

    def _value(self):
        """In the unit of its KPI."""
        self.ensure_one()
        return self.amount if self.kpi_id.sudo().unit == "money" else self.number

    @api.model
    def _for_many(self, subjects, kpis, period, company):
        """``{(KpiSubject, kpi id): target}``; without a target there is no entry.

        The target of exactly this period; else, of what adds up, the sum of its quarters or
        of its months where every one of them has one.  Two queries.
        """
        company = company.root_id
        domain = Domain("company_id", "=", company.id) & Domain("kpi_id", "in", kpis.ids)
        domain &= Domain("date_from", ">=", period.start) & Domain("date_to", "<=", period.end)
        # sudo: a score is computed on all targets; who sees them is decided where shown.
        rows = self.sudo().search(domain)
        wanted = set(subjects)
        found = {}
        for row in rows:
            subject = row._subject()
            if subject in wanted:
                found.setdefault((subject, row.kpi_id), {})[row._period()] = row._value()
        result = {}
        for (subject, kpi), values in found.items():
            value = self._put_together(kpi, values, period, company)
            if value is not None:
                result[subject, kpi.id] = value
        return result

    @api.model
    def _by_months(self, subjects, kpi, period, company):
        """``{KpiSubject: target}`` of some whole months, for what adds up over them.

        The finest target of each month counts: its own, else a third of its quarter's, else a
        twelfth of its year's – as in the sales report.  Who has none for one of the months
        is absent.  One query.  Source: K27.
        """
        domain = Domain("company_id", "=", company.root_id.id) & Domain("kpi_id", "=", kpi.id)
        domain &= Domain("date_from", "<=", period.end) & Domain("date_to", ">=", period.start)
        months, wanted = spreading.parts(period, "month"), set(subjects)
        shares = {}
        # sudo: as in `_for_many`.  Whole years first: the finest is written last.
        rows = self.sudo().search(domain)
        for row in rows.sorted(lambda row: -spreading.MONTHS[row.period_kind]):
            subject, mine = row._subject(), row._period()
            if subject in wanted:
                share = row._value() / spreading.MONTHS[row.period_kind]
                inside = (m for m in months if mine.start <= m.start and m.end <= mine.end)
                shares.setdefault(subject, {}).update(dict.fromkeys(inside, share))
        return {
            subject: sum(values.values())
            for subject, values in shares.items()
            if len(values) == len(months)
        }

    def _put_together(self, kpi, values, period, company):
        if period in values:
            return values[period]
        if not kpi._is_additive():
            return None
        for kind in ("quarter", "month"):
            parts = spreading.parts(period, kind)
            if len(parts) > 1:
                quarters = [self._quarter_of(values, part, kind) for part in parts]
                if None not in quarters:
                    return sum(quarters)
        return None

    def _quarter_of(self, values, part, kind):
        """Its own target, else the sum of its months."""
        if part in values or kind == "month":
            return values.get(part)
        months = [values.get(month) for month in spreading.parts(part, "month")]
        return None if None in months else sum(months)

    # Spreading ------------------------------------------------------------------------

    def _months(self):
        """The months of a target's period, in order."""
        return spreading.parts(self._period(), "month")

    def _spread(self, method="even", replace_edited=False):
        """Give every month of these targets its part; the months add up exactly.

        :param method: ``even``, or ``season``: as the same months of last year went
        :param replace_edited: also months somebody changed by hand; closed ones stay

        Source: S0-41, users §3.7 (K27).
        """
        for target in self:
            target._check_spreadable()
        seasons = self._seasons() if method == "season" else {}
        for target in self:
            target._spread_one(seasons.get(target), replace_edited)

    def _check_spreadable(self):
        if self.period_kind == "month" or not self.kpi_id._is_additive():
            raise UserError(
                self.env._(
                    "“%(target)s” cannot be spread: only what adds up over the months of a "
                    "quarter or year can, not a percentage.",
                    target=self.display_name,
                )
            )
        self._check_open()

    def _spread_one(self, weights, replace_edited):
        months = self._months()
        existing = {row.date_from: row for row in self._existing_months(months)}
        kept = {
            place: row._value()
            for place, month in enumerate(months)
            if (row := existing.get(month.start))
            and (not row._is_open() or (row._is_own_month() and not replace_edited))
        }
        digits = self._digits()
        shares = spreading.respread(self._value(), weights or [1.0] * len(months), kept, digits)
        if shares is None:
            raise UserError(
                self.env._(
                    "“%(target)s”: the months that stay as they are do not fit the target. "
                    "Replace them, too, or change the target.",
                    target=self.display_name,
                )
            )
        self._write_months(months, shares, kept, existing)

    def _is_own_month(self):
        """Entered or changed by hand, not spread."""
        return self.is_edited or not self.parent_id

    def _existing_months(self, months):
        domain = [(name, "=", self[name].id) for name in ("company_id", "kpi_id")]
        domain += [("subject_kind", "=", self.subject_kind), ("period_kind", "=", "month")]
        domain += [(name, "=", self[name].id) for name in HOLDERS.values()]
        domain += [("date_from", ">=", months[0].start), ("date_to", "<=", months[-1].end)]
        # sudo: the months of a target the person may change belong to it.
        return self.sudo().search(domain)

    def _write_months(self, months, shares, kept, existing):
        column = "amount" if self.kpi_id.unit == "money" else "number"
        # sudo: as above; the rows are the system's until somebody changes one.
        rows = self.sudo()._as_engine()
        new = []
        for place, (month, share) in enumerate(zip(months, shares, strict=True)):
            if place in kept:
                continue
            values = {column: share, "parent_id": self.id, "is_edited": False}
            if row := existing.get(month.start):
                row._as_engine().write(values)
            else:
                new.append({**self._prepare_month_vals(month), **values})
        rows.create(new)

    def _prepare_month_vals(self, month):
        return {
            "company_id": self.company_id.id,
            "kpi_id": self.kpi_id.id,
            "subject_kind": self.subject_kind,
            **{name: self[name].id for name in HOLDERS.values()},
            "period_kind": "month",
            "date_from": month.start,
        }

    def _digits(self):
        """Decimals in which months are given: whole things, else as the currency."""
        if self.kpi_id.unit == "money":
            return self.currency_id.decimal_places
        return 3 if self.kpi_id.unit == "tons" else 0

    def _seasons(self):
        """``{target: [the KPI of the same subject in the same months a year earlier]}``.

        A year that is not over has no season yet: then the one before.  Each month is read
        once for all targets of a KPI and period.
        """
        result = {}
        groups = self.grouped(lambda t: (t.company_id, t.kpi_id, t._period()))
        for (company, kpi, _period), targets in groups.items():
            months = [month.previous_year() for month in targets[:1]._months()]
            if months[-1].end >= company._kam_today():
                months = [month.previous_year() for month in months]
            subjects = sorted({target._subject() for target in targets})
            read = [kpi._figures_of(subjects, month, company) for month in months]
            for target in targets:
                key = target._subject(), kpi.id
                result[target] = [figures[key].value or 0.0 for figures in read]
        return result

    def action_spread(self):
        """Ask how to spread these targets over their months."""
        self.check_access("write")
        for target in self:
            target._check_spreadable()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Spread over the Months"),
            "res_model": "kam.target.spread.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_target_ids": self.ids},
        }
