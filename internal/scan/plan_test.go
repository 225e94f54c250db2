package scan_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/internal/scan"
)

type plan struct {
	name   string
	o      scan.Options
	way    scan.Paging
	params string
}

func TestPlan(t *testing.T) {
	t.Parallel()
	for _, row := range plans() {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()

			way, calls, _, err := scan.FirstCalls(row.o)

			require.NoError(t, err)
			assert.Equal(t, row.way, way)
			assert.Equal(t, row.params, calls[0])
		})
	}
}

func deal(params string) scan.Options {
	return scan.Options{Method: "crm.deal.list", Params: []byte(params)}
}

func down(o scan.Options) scan.Options {
	o.Descending = true
	return o
}

func paged(o scan.Options, p scan.Paging) scan.Options {
	o.Paging = p
	return o
}

func method(name, params string) scan.Options {
	return scan.Options{Method: name, Params: []byte(params)}
}

func v3(name, params string) scan.Options {
	return scan.Options{Method: name, V3: true, Params: []byte(params)}
}

func following(o scan.Options, param, key string) scan.Options {
	o.Next = &scan.Next{Param: param, Key: key}
	return o
}

func plans() []plan {
	const none = `{"order":{"ID":"ASC"},"start":-1}`
	return []plan{
		{"no params", deal(""), scan.PagingChained, none},
		{"page by page", paged(deal("{}"), scan.PagingKeyset), scan.PagingKeyset, none},
		{"letter case of the method", method("CRM.Deal.LIST", "{}"), scan.PagingChained, none},
		{"nothing said", deal(`{"filter":[],"order":null,"start":-1}`), scan.PagingChained, none},
		{
			"other params stay", deal(`{"a":{"b":[1]},"filter":{"X":1}}`), scan.PagingChained,
			`{"a":{"b":[1]},"filter":{"X":1},"order":{"ID":"ASC"},"start":-1}`,
		},
		{"the caller's order is the same", deal(`{"order":{"id":"asc"}}`), scan.PagingChained, none},
		{"the caller's order goes down", deal(`{"order":{"ID":"DESC"}}`), scan.PagingChained, `{"order":{"ID":"DESC"},"start":-1}`},
		{
			"down", down(deal(`{"filter":{"<=ID":70,"A":1}}`)), scan.PagingChained,
			`{"filter":{"A":1,"<ID":71},"order":{"ID":"DESC"},"start":-1}`,
		},
		{"down to a bound", down(deal(`{"filter":{">=ID":7}}`)), scan.PagingChained, `{"filter":{">ID":6},"order":{"ID":"DESC"},"start":-1}`},
		{
			"capitals", deal(`{"FILTER":{"X":1},"ORDER":{"ID":"ASC"},"SELECT":["ID"]}`), scan.PagingChained,
			`{"SELECT":["ID"],"FILTER":{"X":1},"ORDER":{"ID":"ASC"},"start":-1}`,
		},
		{"greater", deal(`{"filter":{">ID":100}}`), scan.PagingChained, `{"filter":{">ID":100},"order":{"ID":"ASC"},"start":-1}`},
		{"greater or equal", deal(`{"filter":{">=ID":"100"}}`), scan.PagingChained, `{"filter":{">ID":99},"order":{"ID":"ASC"},"start":-1}`},
		{"from 0", deal(`{"filter":{">=ID":0}}`), scan.PagingChained, `{"filter":{">ID":-1},"order":{"ID":"ASC"},"start":-1}`},
		{"from below 0", deal(`{"filter":{">ID":-5}}`), scan.PagingChained, `{"filter":{">ID":-5},"order":{"ID":"ASC"},"start":-1}`},
		{
			"the stricter of two", deal(`{"filter":{">=ID":8,">ID":5}}`), scan.PagingChained,
			`{"filter":{">ID":7},"order":{"ID":"ASC"},"start":-1}`,
		},
		{
			"both ends", deal(`{"filter":{">ID":5,"<ID":9,"<=ID":20}}`), scan.PagingChained,
			`{"filter":{">ID":5,"<ID":9},"order":{"ID":"ASC"},"start":-1}`,
		},
		{
			"other conditions of the id stay", deal(`{"filter":{"!@ID":[1,2],"!ID":3,"ID":4}}`), scan.PagingChained,
			`{"filter":{"!@ID":[1,2],"!ID":3,"ID":4},"order":{"ID":"ASC"},"start":-1}`,
		},
		{
			"the id is selected", deal(`{"select":["TITLE"]}`), scan.PagingChained,
			`{"select":["TITLE","ID"],"order":{"ID":"ASC"},"start":-1}`,
		},
		{
			"all is selected", deal(`{"select":["*","UF_*"]}`), scan.PagingChained,
			`{"select":["*","UF_*"],"order":{"ID":"ASC"},"start":-1}`,
		},
		{
			"counted",
			scan.Options{Method: "crm.deal.list", WantTotal: true},
			scan.PagingChained,
			`{"order":{"ID":"ASC"},"start":0}`,
		},
		{
			"another order", deal(`{"order":{"DATE_CREATE":"DESC"}}`), scan.PagingOffset,
			`{"order":{"DATE_CREATE":"DESC","ID":"ASC"},"start":0}`,
		},
		{
			"an order with the id in it", deal(`{"order":{"TITLE":"ASC","ID":"DESC"}}`), scan.PagingOffset,
			`{"order":{"TITLE":"ASC","ID":"DESC"},"start":0}`,
		},
		{
			"by offset", paged(deal(`{"filter":{">ID":5}}`), scan.PagingOffset), scan.PagingOffset,
			`{"order":{"ID":"ASC"},"filter":{">ID":5},"start":0}`,
		},
		{"by offset downwards", down(paged(deal(""), scan.PagingOffset)), scan.PagingOffset, `{"order":{"ID":"DESC"},"start":0}`},

		{"tasks: rows say id", method("tasks.task.list", ""), scan.PagingChained, none},
		{
			"lower case", method("crm.item.list", `{"entityTypeId":2}`), scan.PagingChained,
			`{"entityTypeId":2,"order":{"id":"ASC"},"start":-1}`,
		},
		{"crm.type", method("crm.type.list", ""), scan.PagingChained, `{"order":{"id":"ASC"},"start":-1}`},
		{
			"users", method("user.get", `{"ACTIVE":true}`), scan.PagingChained,
			`{"FILTER":{"ACTIVE":true},"sort":"ID","order":"ASC","start":-1}`,
		},
		{"users down", method("user.get", `{"SORT":"id","order":"desc"}`), scan.PagingChained, `{"SORT":"ID","order":"DESC","start":-1}`},
		{"users by name", method("user.get", `{"sort":"NAME","order":"ASC"}`), scan.PagingOffset, `{"sort":"NAME","order":"ASC","start":0}`},
		{"calls", method("voximplant.statistic.get", ""), scan.PagingChained, `{"SORT":"ID","ORDER":"ASC","start":-1}`},
		{"departments", method("department.get", `{"PARENT":1}`), scan.PagingOffset, `{"sort":"ID","order":"ASC","PARENT":1,"start":0}`},
		{
			"departments with a filter", method("department.get", `{"FILTER":{"PARENT":1}}`), scan.PagingOffset,
			`{"FILTER":{"sort":"ID","order":"ASC","PARENT":1},"start":0}`,
		},
		{
			"lists", method("lists.element.get", `{"IBLOCK_ID":1}`), scan.PagingChained,
			`{"IBLOCK_ID":1,"ELEMENT_ORDER":{"ID":"ASC"},"start":-1}`,
		},
		{"items of a storage", method("entity.item.get", ""), scan.PagingChained, `{"SORT":{"ID":"ASC"},"start":-1}`},
		{
			"addresses", method("crm.address.list", ""), scan.PagingOffset,
			`{"order":{"TYPE_ID":"ASC","ENTITY_TYPE_ID":"ASC","ENTITY_ID":"ASC"},"start":0}`,
		},
		{"hash ids", method("bizproc.workflow.instances", ""), scan.PagingOffset, `{"ORDER":{"ID":"ASC"},"start":0}`},
		{"all at once", method("crm.status.list", `{"order":{"SORT":"ASC"}}`), scan.PagingOnce, `{"order":{"SORT":"ASC"}}`},
		{"own limit", method("im.recent.list", ""), scan.PagingOffset, `{"LIMIT":50,"OFFSET":0}`},
		{"the caller's limit", method("im.search.user.list", `{"FIND":"x","LIMIT":20}`), scan.PagingOffset, `{"FIND":"x","LIMIT":20,"OFFSET":0}`},
		{"page numbers", method("biconnector.source.list", ""), scan.PagingOffset, `{"order":{"id":"ASC"},"page":1}`},
		{"positional", method("task.commentitem.getlist", `[1,{"ID":"ASC"}]`), scan.PagingOnce, `[1,{"ID":"ASC"}]`},
		{"positional without params", method("task.item.list", ""), scan.PagingOnce, `{}`},
		{"unknown", method("partner.thing.list", `{"x":1}`), scan.PagingOnce, `{"x":1,"start":0}`},
		{
			"unknown with an id",
			scan.Options{Method: "partner.thing.list", IDKey: "thingId"},
			scan.PagingChained,
			`{"order":{"thingId":"ASC"},"start":-1}`,
		},
		{"unknown with two names", scan.Options{Method: "partner.thing.list", IDKey: "id", CursorKey: "ID"}, scan.PagingChained, none},
		{"unknown with an order", method("partner.thing.list", `{"order":{"NAME":"ASC"}}`), scan.PagingOffset, `{"order":{"NAME":"ASC"},"start":0}`},

		{
			"v3", v3("tasks.task.list", ""), scan.PagingChained,
			`{"order":{"id":"ASC"},"pagination":{"limit":1000}}`,
		},
		{
			"v3 limit", v3("main.eventlog.list", `{"pagination":{"limit":100}}`), scan.PagingChained,
			`{"order":{"id":"ASC"},"pagination":{"limit":100}}`,
		},
		{
			"v3 condition", v3("main.eventlog.list", `{"filter":["userId",5]}`), scan.PagingChained,
			`{"filter":[["userId",5]],"order":{"id":"ASC"}}`,
		},
		{
			"v3 conditions", v3("main.eventlog.list", `{"filter":[["a","=",5],{"logic":"or","conditions":[]}]}`), scan.PagingChained,
			`{"filter":[["a","=",5],{"type":"filter","logic":"or","conditions":[]}],"order":{"id":"ASC"}}`,
		},
		{
			"v3 group", v3("main.eventlog.list", `{"filter":{"logic":"or","conditions":[["a",1]]}}`), scan.PagingChained,
			`{"filter":[{"type":"filter","logic":"or","conditions":[["a",1]]}],"order":{"id":"ASC"}}`,
		},
		{
			"v3 unknown", v3("crm.future.list", `{"select":["title"]}`), scan.PagingChained,
			`{"select":["title","id"],"order":{"id":"ASC"}}`,
		},
		{"v3 by offset", v3("mail.message.list", `{"mailboxId":3}`), scan.PagingOffset, `{"mailboxId":3,"pagination":{"limit":200,"offset":0}}`},
		{"v3 cursor", v3("note.collection.list", ""), scan.PagingCursor, `{"pagination":{"limit":200}}`},
		{
			"v3 cursor, limit of the caller", v3("note.collection.list", `{"x":1,"pagination":{"limit":"70","offset":0}}`), scan.PagingCursor,
			`{"x":1,"pagination":{"limit":"70"}}`,
		},
		{
			"v3 cursor of the caller", v3("note.collection.list", `{"pagination":{"afterCursor":{"position":3,"id":4}}}`), scan.PagingCursor,
			`{"pagination":{"limit":200,"afterCursor":{"position":3,"id":4}}}`,
		},
		{"v3 cursor of nothing", v3("note.collection.list", `{"pagination":null}`), scan.PagingCursor, `{"pagination":{"limit":200}}`},
		{
			"v3 cursor of calls", v3("call.followup.list", `{"filter":{"startDate":{"from":"a"}},"order":{"startDate":"asc"}}`), scan.PagingCursor,
			`{"filter":{"startDate":{"from":"a"}},"order":{"startDate":"asc"},"pagination":{"limit":200}}`,
		},
		{"v3 search", v3("note.document.search.list", `{"query":"x"}`), scan.PagingOnce, `{"query":"x","pagination":{"limit":200}}`},
		{"v3 tree", v3("note.document.tree.list", `{"collectionId":1}`), scan.PagingOnce, `{"collectionId":1}`},
		{"v3 named cursor", following(v3("crm.future.list", ""), "pagination.after", "next"), scan.PagingCursor, `{}`},
		{
			"named cursor in place of what is known", following(v3("mail.message.list", `{"limit":900,"from":7}`), "from", "next"), scan.PagingCursor,
			`{"limit":900,"from":7}`,
		},
		{
			"named cursor of a method that has one", following(v3("note.collection.list", ""), "pagination.after", "next"), scan.PagingCursor,
			`{"pagination":{"limit":200}}`,
		},
		{"v3 fields", v3("crm.future.field.list", ""), scan.PagingOnce, `{}`},
		{"tail", v3("main.eventlog.tail", ""), scan.PagingTail, `{"cursor":{"field":"id","value":0,"order":"ASC"}}`},
		{
			"tail from a value", v3("main.eventlog.tail", `{"cursor":{"field":"id","value":100,"limit":1000},"select":["a"],"filter":["a",1]}`),
			scan.PagingTail, `{"select":["a","id"],"filter":[["a",1]],"cursor":{"field":"id","value":100,"order":"ASC","limit":1000}}`,
		},
		{
			"tail down", v3("main.eventlog.tail", `{"cursor":{"value":"900","order":"DESC"}}`), scan.PagingTail,
			`{"cursor":{"field":"id","value":900,"order":"DESC"}}`,
		},
	}
}

func TestPlanRefuses(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		o      scan.Options
		reason scan.Reason
		text   string
	}{
		{"no method", scan.Options{}, scan.ErrOptions, "no method"},
		{"negative limit", scan.Options{Method: "x", Limit: -1}, scan.ErrOptions, "below 0"},
		{"paging", scan.Options{Method: "x", Paging: "fast"}, scan.ErrOptions, `"fast"`},
		{"paging that follows from others", scan.Options{Method: "x", Paging: scan.PagingRanges}, scan.ErrOptions, `"ranges"`},
		{"no JSON", deal(`{`), scan.ErrParams, "no JSON"},
		{"a list", deal(`[1]`), scan.ErrParams, "no JSON object"},
		{"another order", paged(deal(`{"order":{"TITLE":"ASC"}}`), scan.PagingKeyset), scan.ErrParams, "order other than by ID"},
		{"two orders", paged(deal(`{"order":{"ID":"ASC","TITLE":"ASC"}}`), scan.PagingChained), scan.ErrParams, "order other than by ID"},
		{"order against the direction", down(deal(`{"order":{"ID":"ASC"}}`)), scan.ErrParams, "rising"},
		{"another order downwards", down(deal(`{"order":{"TITLE":"ASC"}}`)), scan.ErrParams, "do not go together"},
		{"two filters", deal(`{"filter":{},"FILTER":{"A":1}}`), scan.ErrParams, "filter and FILTER"},
		{"two orders by name", deal(`{"ORDER":{},"order":{}}`), scan.ErrParams, "ORDER and order"},
		{"two selects", deal(`{"select":[],"Select":[]}`), scan.ErrParams, "select and Select"},
		{"a filter that is a list", deal(`{"filter":[1]}`), scan.ErrParams, "filter is a list of plain values"},
		{"a bound that is a date", deal(`{"filter":{">ID":"2024-01-01"}}`), scan.ErrParams, "no whole number"},
		{"a bound that is a list", deal(`{"filter":{">ID":[1]}}`), scan.ErrParams, "no whole number"},
		{"a bound beyond 64 bits", deal(`{"filter":{">ID":18446744073709551615}}`), scan.ErrParams, "64 bits"},
		{"a start", deal(`{"start":50}`), scan.ErrParams, "start belongs to the reading"},
		{"an offset", method("im.recent.list", `{"OFFSET":50}`), scan.ErrParams, "OFFSET belongs"},
		{"two parameters", method("im.notify.get", ""), scan.ErrUnsupported, "LAST_TYPE"},
		{"by date, on by id", method("im.dialog.messages.search", ""), scan.ErrUnsupported, `NextField "[last].id", or read the whole chat with im.dialog.messages.get`},
		{"by date, on by id, notifications", method("im.notify.history.search", ""), scan.ErrUnsupported, `NextField "[last].id"`},
		{"an order that moves", method("log.blogpost.get", ""), scan.ErrUnsupported, "call it with start 0, 50, 100"},
		{"rows are taken away", method("event.offline.get", ""), scan.ErrUnsupported, "call event.offline.list"},
		{"events are confirmed", method("imbot.v2.Event.get", ""), scan.ErrUnsupported, "nextOffset"},
		{"the other direction", method("im.dialog.messages.get", `{"first_id":7}`), scan.ErrParams, "FIRST_ID belongs to the other direction"},
		{"the other direction of comments", method("log.blogcomment.user.get", `{"FIRST_ID":0}`), scan.ErrParams, "FIRST_ID belongs to the other direction"},
		{"messages, high limit", method("im.dialog.messages.get", `{"LIMIT":51}`), scan.ErrParams, "from 1 to 50"},
		{"messages, no limit", method("im.dialog.messages.get", `{"limit":0}`), scan.ErrParams, "from 1 to 50"},
		{"messages downwards", down(method("im.dialog.messages.get", "")), scan.ErrUnsupported, "in the order the method gives them"},
		{"users by offset", method("im.dialog.users.list", `{"OFFSET":50}`), scan.ErrParams, "OFFSET belongs"},
		{"users by offset way", paged(method("im.dialog.users.list", ""), scan.PagingOffset), scan.ErrUnsupported, "own cursor only"},
		{"no order to turn", down(method("crm.status.list", "")), scan.ErrUnsupported, "in the order the method gives them"},
		{"no pages", paged(method("landing.site.getList", ""), scan.PagingKeyset), scan.ErrUnsupported, "has no pages"},
		{"v3 page", v3("tasks.task.list", `{"pagination":{"page":2}}`), scan.ErrParams, "pagination.page"},
		{"v3 filter of v2", v3("tasks.task.list", `{"filter":{">id":1}}`), scan.ErrParams, "REST 3.0 takes a filter"},
		{"v3 cursor downwards", down(v3("note.collection.list", "")), scan.ErrUnsupported, "in the order the method gives them"},
		{"v3 cursor by offset", paged(v3("note.collection.list", ""), scan.PagingOffset), scan.ErrUnsupported, "own cursor only"},
		{"v3 cursor by id", paged(v3("note.collection.list", ""), scan.PagingKeyset), scan.ErrUnsupported, "own cursor only"},
		{"v3 cursor in chains", paged(v3("note.collection.list", ""), scan.PagingChained), scan.ErrUnsupported, "own cursor only"},
		{"v3 cursor at once", scan.Options{Method: "note.collection.list", V3: true, Concurrency: 2}, scan.ErrUnsupported, "one page after the other"},
		{"v3 cursor, no limit", v3("note.collection.list", `{"pagination":{"limit":0}}`), scan.ErrParams, "from 1 to 200"},
		{"v3 cursor, high limit", v3("note.collection.list", `{"pagination":{"limit":201}}`), scan.ErrParams, "from 1 to 200"},
		{"v3 cursor, a limit that is none", v3("note.collection.list", `{"pagination":{"limit":[]}}`), scan.ErrParams, "from 1 to 200"},
		{"v3 cursor, two limits", v3("note.collection.list", `{"pagination":{"limit":1,"Limit":2}}`), scan.ErrParams, "limit and Limit"},
		{"v3 cursor, offset", v3("note.collection.list", `{"pagination":{"offset":50}}`), scan.ErrParams, "offset belongs"},
		{"v3 cursor, page", v3("note.collection.list", `{"pagination":{"page":2}}`), scan.ErrParams, "page belongs"},
		{"v3 cursor, two cursors", v3("note.collection.list", `{"pagination":{"afterCursor":1,"aftercursor":2}}`), scan.ErrParams, "more than one afterCursor"},
		{"v3 cursor, pagination twice", v3("note.collection.list", `{"pagination":{},"Pagination":{}}`), scan.ErrParams, "pagination and Pagination"},
		{"v3 cursor, pagination is a list", v3("note.collection.list", `{"pagination":[1]}`), scan.ErrParams, "pagination is a list"},
		{"a key for a cursor", scan.Options{Method: "x.list", CursorKey: "ID", Next: &scan.Next{Param: "after", Key: "next"}}, scan.ErrUnsupported, "CursorKey means nothing to x.list, which goes on by a cursor"},
		{"short pages of one answer", scan.Options{Method: "crm.status.list", UntilEmpty: true}, scan.ErrUnsupported, "ShortPages means nothing to crm.status.list, which answers with all"},
		{"a key for arguments by position", scan.Options{Method: "task.item.list", CursorKey: "ID"}, scan.ErrUnsupported, "which takes its parameters by position"},
		{"named cursor without a parameter", following(v3("x.list", ""), "", "next"), scan.ErrOptions, "belong together"},
		{"named cursor without a member", following(v3("x.list", ""), "after", ""), scan.ErrOptions, "belong together"},
		{"named cursor behind a dot", following(v3("x.list", ""), ".after", "next"), scan.ErrOptions, "belong together"},
		{"named cursor too deep", following(v3("x.list", ""), "a.b.c", "next"), scan.ErrOptions, "one dot at most"},
		{"named cursor of no row", following(v3("x.list", ""), "after", "[next].id"), scan.ErrOptions, "[first], [last], [lowest] or [highest]"},
		{"named cursor of a row without a field", following(v3("x.list", ""), "after", "[last]."), scan.ErrOptions, "such as [last].id"},
		{"named cursor of a row without a dot", following(v3("x.list", ""), "after", "[last]id"), scan.ErrOptions, "such as [last].id"},
		{"named cursor of a row without a parameter", following(v3("x.list", ""), "", "[last].id"), scan.ErrOptions, "belong together"},
		{"named cursor of positions", following(method("task.item.list", ""), "after", "next"), scan.ErrOptions, "by position"},
		{"tail by another field", v3("main.eventlog.tail", `{"cursor":{"field":"timestampX"}}`), scan.ErrParams, "told apart by id"},
		{"tail that filters its field", v3("main.eventlog.tail", `{"filter":[["a",1],{"conditions":[["id",">",5]]}]}`), scan.ErrParams, "must not name id"},
		{"tail down without a value", v3("main.eventlog.tail", `{"cursor":{"order":"DESC"}}`), scan.ErrParams, "needs cursor.value"},
		{"tail by offset", paged(v3("main.eventlog.tail", ""), scan.PagingOffset), scan.ErrUnsupported, "own cursor"},
		{"no cursor", scan.Options{Method: "crm.deal.list", Resume: "x"}, scan.ErrCursor, "another version"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()

			_, _, _, err := scan.FirstCalls(row.o)

			require.ErrorIs(t, err, row.reason)
			assert.ErrorContains(t, err, row.text)
		})
	}
}
