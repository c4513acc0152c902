"""Where the text of a publisher's articles comes from, whatever its feeds are told."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.deps import READ, WRITE, Page, PageParams, Wired, page_of
from wirewatch.errors import InvalidInputError
from wirewatch.store import domains
from wirewatch.store.domains import DomainChoice, TextFrom
from wirewatch.web.bodies import Body, StrictRoute

router = APIRouter(prefix="/v1/domains", tags=["feeds"], route_class=StrictRoute)

DOMAIN = r"^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$"
Domain = Annotated[str, Path(max_length=253, pattern=DOMAIN)]


class DomainBody(Body):
    text_from: TextFrom


@router.get("", dependencies=[READ])
def list_domains(params: Annotated[PageParams, Query()], services: Wired) -> Page[DomainChoice]:
    """Those for which something was chosen, by name."""
    after = params.after()
    if after is not None and "\0" in after:
        raise InvalidInputError([("/cursor", "is no cursor of this list")])
    with services.database.transaction() as tx:
        found = domains.list_page(tx, after=after, limit=params.limit + 1)
    return page_of(found, params.limit, lambda choice: choice.domain)


@router.put("/{domain}", dependencies=[WRITE])
def choose_domain(domain: Domain, body: DomainBody, services: Wired) -> DomainChoice:
    """Take the text of this domain's articles, and of those below it, from pages or from feeds."""
    with services.database.transaction() as tx:
        return domains.put(tx, domain.removeprefix("www."), body.text_from)


@router.delete("/{domain}", status_code=204, dependencies=[WRITE])
def forget_domain(domain: Domain, services: Wired) -> None:
    """Go by what each feed is told again."""
    with services.database.transaction() as tx:
        domains.delete(tx, domain.removeprefix("www."))
