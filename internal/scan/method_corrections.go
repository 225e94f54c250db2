package scan

import "strings"

// correctedV2 puts right what the documentation's pages leave out or get
// wrong; the reason stands beside each, "server" being the portal's own code (docs/protocol.md 5.2, 15, 16). It
// reports whether it knows the method.
func correctedV2(method string, f *Facts) bool {
	return correctedCRM(method, f) || correctedTrade(method, f) || correctedTalk(method, f) || correctedOthers(method, f)
}

// correctedCRM are the corrections of the CRM.
func correctedCRM(method string, f *Facts) bool {
	switch method {
	case "crm.deal.list":
		f.LastInOrder = []string{"STAGE_ID"} // server: becomes STAGE_SORT behind the other fields of an order
	case "crm.lead.list", "crm.quote.list":
		f.LastInOrder = []string{"STATUS_ID"} // server: becomes STATUS_SORT behind the others
	case "crm.item.list":
		// server: a join for each of these; a page is 50 rows of the join, each item once, and the total that of the join
		f.Joined = []string{"contactIds", "companyIds", "observers"}
	case "crm.stagehistory.list":
		f.PageSize, f.JoinsBy = 50, "LOGIC" // the page names no size; server: names are not converted
	case "crm.timeline.comment.list":
		f.Keyset = false // server: of the filter it reads ENTITY_ID and ENTITY_TYPE only
	case "crm.deal.recurring.list":
		f.IDKey, f.CursorKey = "ID", "ID" // server: names in capitals; the page's are translated
	case "crm.timeline.logmessage.list":
		// server: rows under logMessages, ten a page from `offset` on (start never arrives), directions in lower case
		*f = Facts{
			Container: "logMessages", AnyContainer: true, IDKey: "id", Order: "order", Paging: StyleOffset, PageSize: 10, LowerCase: true, Exact: true,
		}
	case "crm.address.list":
		f.Stable = []string{"TYPE_ID", "ENTITY_TYPE_ID", "ENTITY_ID"} // no id; these three tell one row from another
	case "crm.requisite.link.list":
		f.Stable = []string{"ENTITY_TYPE_ID", "ENTITY_ID"} // no id; these two tell one row from another
	case "crm.orderentity.list":
		f.Stable = []string{"orderId", "ownerId", "ownerTypeId"} // server: orders by ownerId alone
	case "crm.documentgenerator.numerator.list", "documentgenerator.numerator.list", "documentgenerator.role.list":
		f.PageSize, f.Uncounted = 50, true // server: total is that of the page, and there is no next
	case "crm.documentgenerator.template.list", "documentgenerator.template.list":
		f.Joined = []string{"entityTypeId", "provider", "provider.provider"} // server: a join; rows keyed by their id after the page was cut
	default:
		return false
	}
	return true
}

// correctedTrade are the corrections of catalog and sale.
func correctedTrade(method string, f *Facts) bool {
	switch method {
	case "catalog.product.list", "catalog.product.offer.list", "catalog.product.service.list", "catalog.product.sku.list":
		f.FullSelect = true // iblockId is asked for in the select
	case "catalog.userfield.document.list":
		f.Stable = []string{"documentId"} // one row a document, no other id
	case "catalog.pricetypelang.list", "sale.tradebinding.list":
		f.IDKey, f.CursorKey, f.Keyset = "id", "id", true // server: rows have it, the page leaves it out
	case "catalog.productpropertysection.list":
		f.Stable, f.Uncounted = []string{"propertyId"}, true // server: orders by iblockId; total and next count rows of other catalogs
	case "catalog.document.list", "catalog.store.list", "catalog.productpropertyenum.list", "catalog.productpropertyfeature.list":
		f.Uncounted = true // server: total and next count rows that the user may not see
	case "catalog.catalog.list":
		f.NoStart = true // server: the place to begin at is taken away before
	case "sale.propertygroup.list", "sale.propertyvariant.list":
		// The pages leave start out, and the server takes it away before: the rows can be read by id.
		f.Paging, f.PageSize, f.Keyset, f.NoStart = StyleStart, 50, true, true
	case "sale.payment.list":
		f.Paging, f.PageSize, f.Keyset = StyleStart, 50, true // the page leaves start out; a controller like sale.order.list
	case "sale.propertyrelation.list":
		f.IDKey, f.CursorKey = "", ""
		f.Stable = []string{"propertyId", "entityId", "entityType"} // server: orders by propertyId alone
	case "sale.statuslang.list":
		f.IDKey, f.CursorKey = "", ""
		f.Stable = []string{"statusId", "lid"} // server: orders by statusId alone
	case "sale.businessvaluepersondomain.list":
		f.Stable = []string{"personTypeId"} // one row for each
	case "sale.status.list":
		f.Keyset = false // the id is a letter: no order to go on from
	case "sale.paysystem.list":
		f.NoBounds = true // server: drops the operator of a condition
	default:
		return false
	}
	return true
}

// correctedTalk are the corrections of chats, calls, open channels and sites.
func correctedTalk(method string, f *Facts) bool {
	switch method {
	case "voximplant.statistic.get":
		f.Sort, f.Order, f.Keyset = "SORT", "ORDER", true // scalars
	case "voximplant.sip.get":
		f.Sort, f.Order, f.Stable = "SORT", "ORDER", []string{"CONFIG_ID"} // scalars, as its neighbour above
	case "im.recent.list":
		// The page: dialogs are made of LIMIT records, so that they come again, and OFFSET goes by LIMIT. It says 200, the server 50.
		f.MaxPageSize, f.Steps, f.MoreKey = 50, true, "hasMore"
	case "imopenlines.config.list.get":
		f.Paging, f.PagingIn, f.MaxPageSize = StyleOffset, "PARAMS", 200 // the page: limit and offset in PARAMS, 50 and 200 at most
	case "imbot.v2.event.get", "im.v2.event.get":
		f.Paging = StyleOwn // the page: an offset confirms the events before it, which are gone then
	case "event.offline.get":
		f.Paging = StyleOwn // reading takes the rows away, there is no second page of the same list
	case "landing.block.getlist", "landing.demos.getlist", "landing.landing.getlist", "landing.repo.getlist", "landing.site.getlist",
		"landing.template.getlist":
		f.PagingIn = "params" // server: all rows, or those of limit and offset in params
	case "landing.role.getlist":
		f.Writes = true // server: adds the default roles where there are none
	default:
		return false
	}
	return true
}

// correctedOthers are the corrections of tasks, users, lists, processes and files.
func correctedOthers(method string, f *Facts) bool {
	switch method {
	case "tasks.task.list":
		f.CursorKey = "ID"                   // rows say id, filter and order want ID
		f.Sees = []string{"ONLY_ROOT_TASKS"} // server: looks for the parents by the same filter
	case "socialnetwork.api.workgroup.list":
		f.CursorKey = "ID" // rows say id, filter and order want ID
	case "tasks.api.scrum.epic.list", "tasks.api.scrum.sprint.list":
		f.CursorKey, f.JoinsBy = "ID", "LOGIC" // server: an error is an empty list
	case "user.get", "user.search":
		// Scalars at the top level, where conditions may stand too; older servers drop operators.
		f.Sort, f.Order, f.Keyset, f.Forgets = "sort", "order", true, true
		f.Beside = []string{"SORT", "ORDER", "SELECT", "ADMIN_MODE", "IMAGE_RESIZE", "start"}
	case "department.get":
		// ">ID" is ignored without a word; with a filter the order stands in it.
		f.Filter, f.Sort, f.Order, f.OrderInFilter, f.Keyset, f.Exact = "FILTER", "sort", "order", true, false, true
		f.Beside, f.Drops = []string{"sort", "order", "start"}, strings.Fields("! != < <= > >= >< !>< % !% =% %= @ !@ = ?") // server: plain names only
	case "lists.element.get":
		f.Order, f.Keyset = "ELEMENT_ORDER", true // documented in the text only
	case "lists.get":
		f.Order, f.LowerCase = "IBLOCK_ORDER", true // documented in the text only; no filter by id
	case "entity.item.get", "entity.section.get":
		f.Keyset = true // SORT takes an object, FILTER ">ID"
	case "bizproc.task.list":
		f.Joined, f.JoinedBy = []string{"USER_ID", "USER_STATUS"}, []string{"ID", "USER_ID"} // server: a row for each task and user
	case "bizproc.workflow.instances":
		f.Keyset = false // the id is a hash: no order to go on from
	case "userfieldconfig.list":
		f.SelectKey = "ID" // server: names of a select are not converted
	case "sign.b2e.company.provider.list":
		f.Writes = true // server: registers providers on the way
	default:
		return false
	}
	return true
}

// correctedV3 is [correctedV2] for REST 3.0, and what its methods have in
// common where the documentation does not know one.
func correctedV3(method string, f *Facts) bool {
	switch {
	case method == "note.collection.list":
		f.follow("nextCursor", "") // docs/protocol.md 9.5
	case method == "call.followup.list":
		f.follow("afterCursor", "hasMore") // the same with other names; rows always have callId
		f.IDKey = "callId"
	case method == "note.document.search.list":
		f.follow("", "hasMore") // one page, whatever it says of more
		f.NextParam = ""
	case method == "note.document.tree.list":
		*f = Facts{Container: "items", IDKey: "id", Paging: StyleNext, MoreKey: "truncated"} // 5000 documents at most
	case strings.HasSuffix(method, ".field.list"):
		*f = Facts{Container: "items", AnyContainer: true} // a description: all of it in one answer
	case strings.HasSuffix(method, ".tail"):
		// The answer is a plain list by the server's code, `items` by the page (docs/protocol.md 9.5).
		*f = Facts{
			Container: "items", AnyContainer: true, IDKey: "id",
			Filter: "filter", Select: "select", Paging: StyleTail,
		}
	case f.Container == "" && f.IDKey == "" && f.Paging == StyleNone && strings.HasSuffix(method, ".list"):
		// The common list of docs/protocol.md 9.5.
		*f = Facts{
			Container: "items", AnyContainer: true, IDKey: "id", Keyset: true,
			Filter: "filter", Order: "order", Select: "select", Paging: StylePagination,
		}
	default:
		return false
	}
	return true
}

// follow makes the facts those of a list with a cursor in pagination (docs/protocol.md 9.5).
func (f *Facts) follow(nextKey, moreKey string) {
	f.Paging, f.Keyset, f.MaxPageSize = StyleNext, false, 200
	f.NextIn, f.NextParam, f.NextKey, f.MoreKey = "pagination", "afterCursor", nextKey, moreKey
}
