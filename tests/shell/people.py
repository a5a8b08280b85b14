# ruff: noqa: F821 (`env` is there)
"""What every script in Odoo's shell has at hand, see run_script of tests/conftest.py."""

from odoo import Command


def new_user(login, groups):
    return (
        env["res.users"]
        .with_context(no_reset_password=True)
        .create(
            {
                "name": login.title(),
                "login": login,
                "password": login,
                "lang": "en_US",
                "email": f"{login}@yunting.example",
                "group_ids": [Command.set([env.ref(xmlid).id for xmlid in groups])],
            }
        )
    )
