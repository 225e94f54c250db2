package scan

import "strings"

// correctedV2 puts right what the documentation's pages leave out or get
// wrong; the reason stands beside each. It reports whether it knows the method.
func correctedV2(method string, f *Facts) bool {
	switch method {
	case "tasks.task.list", "socialnetwork.api.workgroup.list":
		f.CursorKey = "ID" // rows say id, filter and order want ID (protocol.md 5.2)
	case "tasks.api.scrum.epic.list", "tasks.api.scrum.sprint.list":
		f.CursorKey = "ID" // the examples filter by GROUP_ID, ID: upper case as in tasks.task.list
	case "user.get", "user.search":
		f.Sort, f.Order, f.Keyset = "sort", "order", true // scalars at the top level (protocol.md 5.2)
	case "voximplant.statistic.get":
		f.Sort, f.Order, f.Keyset = "SORT", "ORDER", true // scalars (protocol.md 5.2)
	case "voximplant.sip.get":
		f.Sort, f.Order, f.Stable = "SORT", "ORDER", []string{"CONFIG_ID"} // scalars, as its neighbour above
	case "department.get":
		// ">ID" is ignored without a word; with a filter the order stands in it (protocol.md 5.2).
		f.Filter, f.Sort, f.Order, f.OrderInFilter, f.Keyset = "FILTER", "sort", "order", true, false
	case "lists.element.get":
		f.Order, f.Keyset = "ELEMENT_ORDER", true // documented in the text only (protocol.md 5.2)
	case "lists.get":
		f.Order = "IBLOCK_ORDER" // documented in the text only; no filter by id (protocol.md 5.2)
	case "entity.item.get", "entity.section.get":
		f.Keyset = true // SORT takes an object, FILTER ">ID" (protocol.md 5.2)
	case "bizproc.workflow.instances", "sale.status.list":
		f.Keyset = false // the id is a hash or a letter: no order to go on from (protocol.md 5.2)
	case "crm.address.list":
		// No id; these three tell one row from another (protocol.md 5.2).
		f.Stable = []string{"TYPE_ID", "ENTITY_TYPE_ID", "ENTITY_ID"}
	case "crm.requisite.link.list":
		f.Stable = []string{"ENTITY_TYPE_ID", "ENTITY_ID"} // no id; these two tell one row from another
	case "catalog.userfield.document.list":
		f.Stable = []string{"documentId"} // one row a document, no other id
	case "crm.stagehistory.list":
		f.PageSize = 50 // the page names none; the common page of protocol.md 5.1
	case "sale.payment.list", "sale.propertygroup.list", "sale.propertyvariant.list":
		// The pages leave start out; these are controllers like sale.order.list (protocol.md 5.2).
		f.Paging, f.PageSize, f.Keyset = StyleStart, 50, true
	case "im.recent.list":
		f.MaxPageSize = 50 // the page says 200, the portal gives 50 (protocol.md 5.2)
	case "event.offline.get":
		f.Paging = StyleOwn // reading takes the rows away, there is no second page of the same list (protocol.md 13, trap 41)
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
		f.follow("nextCursor", "") // protocol.md 9.5
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
		// The answer is a plain list by the server's code, `items` by the page (protocol.md 9.5).
		*f = Facts{
			Container: "items", AnyContainer: true, IDKey: "id",
			Filter: "filter", Select: "select", Paging: StyleTail,
		}
	case f.Container == "" && f.IDKey == "" && f.Paging == StyleNone && strings.HasSuffix(method, ".list"):
		// The common list of protocol.md 9.5.
		*f = Facts{
			Container: "items", AnyContainer: true, IDKey: "id", Keyset: true,
			Filter: "filter", Order: "order", Select: "select", Paging: StylePagination,
		}
	default:
		return false
	}
	return true
}

// follow makes the facts those of a list with a cursor in pagination (protocol.md 9.5).
func (f *Facts) follow(nextKey, moreKey string) {
	f.Paging, f.Keyset, f.MaxPageSize = StyleNext, false, 200
	f.NextIn, f.NextParam, f.NextKey, f.MoreKey = "pagination", "afterCursor", nextKey, moreKey
}
