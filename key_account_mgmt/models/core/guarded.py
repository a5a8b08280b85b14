from functools import wraps

from odoo import api, models
from odoo.exceptions import AccessError

# Compared by identity: no RPC client, context value or default can produce it
# (precedent: BYPASS_LOCK_CHECK of account.move).
ENGINE = object()


def ondelete_always(method):
    """An ``api.ondelete`` check that no client skips.

    ``at_uninstall=False`` trusts a context key, which every client can send; this one
    gives way only while modules are loaded, installed or uninstalled.
    """

    @api.ondelete(at_uninstall=True)
    @wraps(method)
    def check(self):
        if self.env.registry.ready:
            method(self)

    return check


class KamGuarded(models.AbstractModel):
    """Records, or fields of records, that only the engine may write.

    A rule that protects a decision must hold for every road into the record:
    create, write, import, copy, ``web_save``, a context default, a personal
    ``ir.default``, a mail alias, and code running as superuser. So the guard looks
    at nothing but the identity of :data:`ENGINE`.

    * ``_guarded_initial``: ``{field: value}``; creation always starts there and only
      the engine may set another value;
    * ``_guarded_once``: fields given at creation that nobody but the engine changes;
    * ``_guarded_create`` / ``_guarded_write`` / ``_guarded_unlink``: the whole
      operation belongs to the engine.

    Raises ``AccessError``, saying which operation was refused and what to use.
    """

    _name = "kam.guarded"
    _description = "Guarded Record"

    _guarded_initial = {}
    _guarded_once = frozenset()
    _guarded_create = False
    _guarded_write = False
    _guarded_unlink = False

    def _as_engine(self):
        """The same records, allowed to pass the guard. Never return them to a caller."""
        return self.with_context(kam_engine=ENGINE)

    def _without_engine(self):
        context = {k: v for k, v in self.env.context.items() if k != "kam_engine"}
        return self.with_env(self.env(context=context))

    def _is_engine(self):
        return self.env.context.get("kam_engine") is ENGINE

    @api.model_create_multi
    def create(self, vals_list):
        if self._is_engine():
            return super().create(vals_list)
        if self._guarded_create:
            self._raise_guarded()
        initial = self._guarded_initial
        for vals in vals_list:
            for name, value in initial.items():
                if name in vals and (vals[name] or False) != (value or False):
                    self._raise_guarded([name])
        # An explicit value wins over every kind of default.
        return super().create([{**vals, **initial} for vals in vals_list])

    def write(self, vals):
        if not self._is_engine():
            if self._guarded_write:
                self._raise_guarded()
            guarded = self._guarded_once | self._guarded_initial.keys()
            forbidden = [name for name in vals if name in guarded]
            if forbidden:
                self._raise_guarded(forbidden)
        return super().write(vals)

    @ondelete_always
    def _unlink_except_guarded(self):
        if self._guarded_unlink and not self._is_engine():
            self._raise_guarded()

    def _raise_guarded(self, field_names=()):
        if field_names:
            labels = ", ".join(self._fields[n]._description_string(self.env) for n in field_names)
            raise AccessError(
                self.env._(
                    "%(fields)s of “%(model)s” cannot be set by hand. Use the buttons of the "
                    "document: they check the rule and keep the history.",
                    fields=labels,
                    model=self.env["ir.model"]._get(self._name).sudo().name,
                )
            )
        raise AccessError(
            self.env._(
                "“%(model)s” is a record of what happened: it is written by the system and "
                "cannot be created, changed or deleted by hand.",
                model=self.env["ir.model"]._get(self._name).sudo().name,
            )
        )
