"""Sites, the person who asks, and projects: each site has one, of the name that clients expect."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from pgdispatch.web.tableau import statements
from pgdispatch.web.tableau.call import Call, Row
from pgdispatch.web.tableau.errors import not_found
from pgdispatch.web.tableau.route import IN_SITE, Answer, Route
from pgdispatch.web.tableau.writing import element


def list_sites(call: Call) -> Answer:
    """Answer with the sites that the person may see."""
    return call.listed(statements.SITE_LIST, _site, "sites")


def show_site(call: Call) -> Answer:
    """Answer with one site: by its identifier, or by what `key` says the path has."""
    wanted, key = call.path["site"], call.query.get("key")
    for row in call.rows(statements.SITES):
        names = {None: str(row["luid"]), "name": row["name"], "contentUrl": row["content_url"]}
        if names.get(key) == wanted:
            return [_site(row)]
    raise not_found("site", wanted[:60])


def show_user(call: Call) -> Answer:
    """Answer with the person who asks; nobody learns of others."""
    if call.luid("user") != call.place.user_luid:
        raise not_found("user", call.path["id"])
    (person,) = call.rows(statements.PERSON)
    role = "Viewer"
    if person["steers"]:
        role = "ServerAdministrator" if person["sees_all"] else "SiteAdministratorExplorer"
    name = call.place.user_name
    return [element("user", id=call.place.user_luid, name=name, fullName=name, siteRole=role)]


def list_projects(call: Call) -> Answer:
    """Answer with the site's one project."""
    return call.listed(statements.PROJECTS, _project, "projects")


def project(call: Call) -> Element:
    """Return the project that everything of a site is in."""
    (row,) = call.rows(statements.PROJECTS.rows)
    return element("project", id=row["luid"], name=row["name"])


def _site(row: Row) -> Element:
    return element(
        "site",
        id=row["luid"],
        name=row["name"],
        contentUrl=row["content_url"],
        state="Active",
        runNowEnabled=row["run_now_enabled"],
    )


def _project(row: Row) -> Element:
    return element("project", id=row["luid"], name=row["name"], topLevelProject=True)


ROUTES = (
    Route("GET", "sites", "site", list_sites),
    Route("GET", "sites/{site}", "site", show_site),
    Route("GET", IN_SITE + "users/{id}", "user", show_user),
    Route("GET", IN_SITE + "projects", "project", list_projects),
)
