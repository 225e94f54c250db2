package scan

import "strings"

// correctedV2 corrects what the documentation omits or gets wrong; the reason is next to each
// correction, "server" being the portal's own code (docs/protocol.md 5.2, 15, 16). It reports
// whether it knows the method.
func correctedV2(method string, f *Facts) bool {
	return correctedCRM(method, f) || correctedTrade(method, f) || correctedTalk(method, f) || correctedOthers(method, f)
}

// correctedCRM applies the corrections for the CRM.
func correctedCRM(method string, f *Facts) bool {
	switch method {
	case "crm.deal.list":
		f.LastInOrder = []string{"STAGE_ID"} // server: becomes STAGE_SORT after the other fields of an order
	case "crm.lead.list", "crm.quote.list":
		f.LastInOrder = []string{"STATUS_ID"} // server: becomes STATUS_SORT after the other fields
	case "crm.item.list":
		// server: a join for each of these; a page is 50 rows of the join, each item once, and the
		// total is that of the join
		f.Joined = []string{"contactIds", "companyIds", "observers"}
	case "crm.stagehistory.list":
		f.PageSize, f.JoinsBy = 50, "LOGIC" // the page gives no size; server: names are not converted
	case "crm.timeline.comment.list":
		f.Keyset = false // server: reads only ENTITY_ID and ENTITY_TYPE from the filter
	case "crm.deal.recurring.list":
		f.IDKey, f.CursorKey = "ID", "ID" // server: names in capitals; those on the page are translated
	case "crm.timeline.logmessage.list":
		// server: rows under logMessages, ten per page from `offset` (start never arrives),
		// directions in lower case
		*f = Facts{
			Container: "logMessages", AnyContainer: true, IDKey: "id", Order: "order", Paging: StyleOffset, PageSize: 10, LowerCase: true, Exact: true,
		}
	case "crm.address.list":
		f.Stable = []string{"TYPE_ID", "ENTITY_TYPE_ID", "ENTITY_ID"} // no id; these three identify a row
	case "crm.requisite.link.list":
		f.Stable = []string{"ENTITY_TYPE_ID", "ENTITY_ID"} // no id; these two identify a row
	case "crm.orderentity.list":
		f.Stable = []string{"orderId", "ownerId", "ownerTypeId"} // server: orders by ownerId alone
	case "crm.documentgenerator.numerator.list", "documentgenerator.numerator.list", "documentgenerator.role.list":
		f.PageSize, f.Uncounted = 50, true // server: total is that of the page, and there is no next
	case "crm.documentgenerator.template.list", "documentgenerator.template.list":
		f.Joined = []string{"entityTypeId", "provider", "provider.provider"} // server: a join; rows are keyed by their id after the page was cut
	default:
		return false
	}
	return true
}

// correctedTrade applies the corrections for catalog and sale.
func correctedTrade(method string, f *Facts) bool {
	switch method {
	case "catalog.product.list", "catalog.product.offer.list", "catalog.product.service.list", "catalog.product.sku.list":
		f.FullSelect = true // the select must include iblockId
	case "catalog.userfield.document.list":
		f.Stable = []string{"documentId"} // one row per document, no other id
	case "catalog.pricetypelang.list", "sale.tradebinding.list":
		f.IDKey, f.CursorKey, f.Keyset = "id", "id", true // server: rows have it, the page omits it
	case "catalog.productpropertysection.list":
		f.Stable, f.Uncounted = []string{"propertyId"}, true // server: orders by iblockId; total and next count rows of other catalogs
	case "catalog.document.list", "catalog.store.list", "catalog.productpropertyenum.list", "catalog.productpropertyfeature.list":
		f.Uncounted = true // server: total and next count rows that the user may not see
	case "catalog.catalog.list":
		f.NoStart = true // server: removes the start before the method runs
	case "sale.propertygroup.list", "sale.propertyvariant.list":
		// The pages omit start, and the server removes it before the method runs; the rows can be
		// read by id.
		f.Paging, f.PageSize, f.Keyset, f.NoStart = StyleStart, 50, true, true
	case "sale.payment.list":
		f.Paging, f.PageSize, f.Keyset = StyleStart, 50, true // the pages omit start; a controller like sale.order.list
	case "sale.propertyrelation.list":
		f.IDKey, f.CursorKey = "", ""
		f.Stable = []string{"propertyId", "entityId", "entityType"} // server: orders by propertyId alone
	case "sale.statuslang.list":
		f.IDKey, f.CursorKey = "", ""
		f.Stable = []string{"statusId", "lid"} // server: orders by statusId alone
	case "sale.businessvaluepersondomain.list":
		f.Stable = []string{"personTypeId"} // one row per personTypeId
	case "sale.status.list":
		f.Keyset = false // the id is a letter, which gives no order to continue by
	case "sale.paysystem.list":
		f.NoBounds = true // server: ignores the operator of a condition
	default:
		return false
	}
	return true
}

// correctedTalk applies the corrections for chats, calls, open channels and sites.
func correctedTalk(method string, f *Facts) bool {
	switch method {
	case "voximplant.statistic.get":
		f.Sort, f.Order, f.Keyset = "SORT", "ORDER", true // scalars
	case "voximplant.sip.get":
		f.Sort, f.Order, f.Stable = "SORT", "ORDER", []string{"CONFIG_ID"} // scalars, like the method above
	case "im.recent.list":
		// The page: dialogs are made of LIMIT records, so they repeat, and OFFSET moves by LIMIT.
		// The page says 200, the server 50.
		f.MaxPageSize, f.Steps, f.MoreKey = 50, true, "hasMore"
	case "im.dialog.messages.get":
		// server: without a cursor, a chat with many unread messages is answered from the first of
		// them, and the newest ones are left out; LAST_ID 0 begins at the newest. FIRST_ID has no
		// order.
		f.goOnFromRow("LAST_ID", "[lowest].id", "0", "FIRST_ID")
	case "im.dialog.users.list":
		f.goOnFromRow("LAST_ID", "[highest].id", "0", "") // server: by user id with LAST_ID, even 0; by the id of the relation without
	case "log.blogcomment.user.get":
		f.goOnFromRow("LAST_ID", "[lowest].id", "", "FIRST_ID") // server: selects by id, orders by another one
	case "imopenlines.config.list.get":
		f.Paging, f.PagingIn, f.MaxPageSize = StyleOffset, "PARAMS", 200 // the page: limit and offset in PARAMS, 50 by default and 200 at most
	case "imbot.v2.event.get", "im.v2.event.get":
		f.Paging = StyleOwn // the page: an offset confirms the events before it, which are then gone
	case "event.offline.get":
		f.Paging = StyleOwn // reading removes the rows, so there is no second page of the same list
	case "landing.block.getlist", "landing.demos.getlist", "landing.landing.getlist", "landing.repo.getlist", "landing.site.getlist",
		"landing.template.getlist":
		f.PagingIn = "params" // server: all rows, or those of limit and offset in params
	case "landing.role.getlist":
		f.Writes = true // server: adds the default roles if there are none
	default:
		return false
	}
	return true
}

// correctedOthers applies the corrections for tasks, users, lists, processes and files.
func correctedOthers(method string, f *Facts) bool {
	switch method {
	case "tasks.task.list":
		f.CursorKey = "ID"                   // rows have id, filter and order need ID
		f.Sees = []string{"ONLY_ROOT_TASKS"} // server: finds the parents with the same filter
	case "socialnetwork.api.workgroup.list":
		f.CursorKey = "ID" // rows have id, filter and order need ID
	case "tasks.api.scrum.epic.list", "tasks.api.scrum.sprint.list":
		f.CursorKey, f.JoinsBy = "ID", "LOGIC" // server: returns an empty list on an error
	case "user.get", "user.search":
		// Scalars at the top level, where conditions are also allowed; older servers ignore
		// operators.
		f.Sort, f.Order, f.Keyset, f.Forgets = "sort", "order", true, true
		f.Beside = []string{"SORT", "ORDER", "SELECT", "ADMIN_MODE", "IMAGE_RESIZE", "start"}
	case "department.get":
		// ">ID" is ignored silently; with a filter, the order belongs inside it.
		f.Filter, f.Sort, f.Order, f.OrderInFilter, f.Keyset, f.Exact = "FILTER", "sort", "order", true, false, true
		f.Beside, f.Drops = []string{"sort", "order", "start"}, strings.Fields("! != < <= > >= >< !>< % !% =% %= @ !@ = ?") // server: plain names only
	case "lists.element.get":
		f.Order, f.Keyset = "ELEMENT_ORDER", true // documented in the text only
	case "lists.get":
		f.Order, f.LowerCase = "IBLOCK_ORDER", true // documented in the text only; no filter by id
	case "entity.item.get", "entity.section.get":
		f.Keyset = true // SORT takes an object, FILTER ">ID"
	case "bizproc.task.list":
		f.Joined, f.JoinedBy = []string{"USER_ID", "USER_STATUS"}, []string{"ID", "USER_ID"} // server: one row per task and user
	case "bizproc.workflow.instances":
		f.Keyset = false // the id is a hash, which gives no order to continue by
	case "userfieldconfig.list":
		f.SelectKey = "ID" // server: names in a select are not converted
	case "sign.b2e.company.provider.list":
		f.Writes = true // server: registers providers as a side effect
	default:
		return false
	}
	return true
}

// correctedV3 is [correctedV2] for REST 3.0. For methods that the documentation does not know, it
// adds what REST 3.0 lists have in common.
func correctedV3(method string, f *Facts) bool {
	switch {
	case method == "note.collection.list":
		f.follow("nextCursor", "") // docs/protocol.md 9.5
	case method == "call.followup.list":
		f.follow("afterCursor", "hasMore") // the same with other names; rows always have callId
		f.IDKey = "callId"
	case method == "note.document.search.list":
		f.follow("", "hasMore") // a single page, even if hasMore is true
		f.NextParam = ""
	case method == "note.document.tree.list":
		*f = Facts{Container: "items", IDKey: "id", Paging: StyleNext, MoreKey: "truncated"} // at most 5000 documents
	case strings.HasSuffix(method, ".field.list"):
		*f = Facts{Container: "items", AnyContainer: true} // a description, complete in one answer
	case strings.HasSuffix(method, ".tail"):
		// The answer is a plain list according to the server's code, `items` according to the page
		// (docs/protocol.md 9.5).
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

// goOnFromRow sets the facts of a list that goes on from a row of a page.
func (f *Facts) goOnFromRow(param, key, first, back string) {
	f.Paging, f.NextParam, f.NextKey, f.NextFirst, f.NextBack = StyleNext, param, key, first, back
}

// follow sets the facts of a list with a cursor in pagination (docs/protocol.md 9.5).
func (f *Facts) follow(nextKey, moreKey string) {
	f.Paging, f.Keyset, f.MaxPageSize = StyleNext, false, 200
	f.NextIn, f.NextParam, f.NextKey, f.MoreKey = "pagination", "afterCursor", nextKey, moreKey
}
