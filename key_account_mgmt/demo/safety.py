"""Invented customers must never end up among real ones."""

from odoo.exceptions import UserError


def check_empty(env):
    """:raise UserError: the database is not empty of business"""
    found = reasons(env)
    if found:
        raise UserError(
            env._(
                "The demo company can only be loaded into an empty database. Here are already: "
                "%(found)s. Nothing was changed.",
                found=", ".join(found),
            )
        )


def reasons(env):
    """What in this database somebody may have made: sentences, empty if nothing."""
    everything = env(su=True, context={"active_test": False})
    counted = (
        (env._("journal entries"), "account.move"),
        (env._("sale orders"), "sale.order"),
        (env._("opportunities"), "crm.lead"),
        (env._("account files"), "kam.account"),
        (env._("tier evaluations"), "kam.tier.evaluation"),
        (env._("opening classifications"), "kam.opening.classification"),
    )
    found = [
        f"{label} ({count})"
        for label, model in counted
        if (count := everything[model].search_count([]))
    ]
    for label, model in ((env._("contacts"), "res.partner"), (env._("users"), "res.users")):
        if count := _count_made_by_people(everything[model]):
            found.append(f"{label} ({count})")
    if everything["res.company"].search_count([]) > 1:
        found.append(env._("several companies"))
    return found


def _count_made_by_people(model):
    """Records that no installed module brought; imported ones have an external id, too."""
    modules = model.env["ir.module.module"].search([("state", "=", "installed")])
    shipped = model.env["ir.model.data"].search(
        [("model", "=", model._name), ("module", "in", modules.mapped("name"))]
    )
    return model.search_count([("id", "not in", shipped.mapped("res_id"))])
