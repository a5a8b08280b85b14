"""Whether a file is one the policy can be read from; anybody may have edited it."""

import json

from odoo.exceptions import UserError

from .policy_export import FORMAT, VERSION, policy_models


def read_policy(env, text):
    """The content of a policy file.

    :param text: bytes
    :raise UserError: no policy file, one of another version, a damaged one, or one that
        names something which is no policy data
    """
    try:
        content = json.loads(text)
    except ValueError:
        content = None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise UserError(env._("This is not a policy file. Choose a file written by “Export” here."))
    if content.get("version") != VERSION:
        raise UserError(
            env._(
                "The file has version %(found)s, this addon reads version %(wanted)s. Export "
                "it again with the same version of the addon.",
                found=content.get("version"),
                wanted=VERSION,
            )
        )
    if not _is_well_formed(content):
        raise UserError(env._("The policy file is damaged: it is not as “Export” wrote it."))
    for part in content["models"]:
        _check_part(env, part)
    return content


def _is_well_formed(content):
    models, companies = content.get("models"), content.get("companies")
    return (
        _is_list_of(content.get("languages"), str)
        and isinstance(companies, dict)
        and _is_list_of(models, dict)
        and all(isinstance(part.get("model"), str) for part in models)
        and len({part["model"] for part in models}) == len(models)
        and all(_is_list_of(part.get("records"), dict) for part in models)
        and all(_is_record(item) for part in models for item in part["records"])
    )


def _is_record(item):
    translations = item.get("translations", {})
    return (
        isinstance(item.get("id"), str)
        and isinstance(item.get("values"), dict)
        and all(_is_cell(cell) for cell in item["values"].values())
        and isinstance(translations, dict)
        and all(isinstance(texts, dict) for texts in translations.values())
    )


def _is_cell(cell):
    return isinstance(cell, (str, int, float)) or _is_list_of(cell, str)


def _is_list_of(value, kind):
    return isinstance(value, list) and all(isinstance(one, kind) for one in value)


def _check_part(env, part):
    if part["model"] not in policy_models(env):
        raise UserError(
            env._("“%(model)s” is no policy data of this database.", model=part["model"])
        )
    allowed = set(env[part["model"]]._policy_moved_fields())
    label = env["ir.model"].sudo()._get(part["model"]).name
    seen = set()
    for item in part["records"]:
        used = set(item["values"]).union(*item.get("translations", {}).values())
        if unknown := used - allowed:
            raise UserError(
                env._(
                    "“%(model)s” has no field “%(field)s” that could be imported.",
                    model=label,
                    field=min(unknown),
                )
            )
        if item["id"] in seen or not item["id"].partition(".")[2]:
            raise UserError(
                env._(
                    "“%(id)s” does not name one record of “%(model)s”.", id=item["id"], model=label
                )
            )
        seen.add(item["id"])
