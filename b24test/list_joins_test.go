package b24test_test

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// An item comes once for each of its contacts that match. The rows are made one behind LIMIT 50: pages are short, and total counts what was before.
func TestItemsByTheirContacts(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.SeedN("crm.item:2", 60, func(i int) b24.Params {
		return b24.Params{"title": fmt.Sprint("t", i), "contactIds": []int{1, 2}, "observers": []int{7}, "companyIds": []int{i % 2}}
	})
	p.Seed("crm.item:2", b24.Params{"id": 100})
	ask := func(filter, more string) string {
		return `{"entityTypeId":2,"order":{"id":"ASC"},"select":["id"],"filter":{` + filter + `}` + more + `}`
	}
	for _, tt := range []struct {
		filter, start string
		rows          int
		counters      string
	}{
		{`"contactIds":[1,2]`, ``, 25, "120 25"},
		{`"contactIds":[1,2]`, `,"start":25`, 25, "120 25"}, // start is rounded down: the same page
		{`"contactIds":[1,2]`, `,"start":50`, 25, "120 75"},
		{`"contactIds":[1,2]`, `,"start":100`, 10, "120 110"},
		{`"contactIds":[1,2]`, `,"start":-1`, 25, "- -"},
		{`"contactIds":1`, ``, 50, "60 50"},
		{`"observers":[7,8]`, ``, 50, "60 50"},
		{`"@contactIds":[1,2]`, `,"start":-1`, 25, "- -"},
		{`"0":{"@contactIds":[1,2]}`, `,"start":-1`, 25, "- -"},
		{`"!contactIds":1,">id":40`, `,"start":-1`, 20, "- -"},
		{`"companyIds":[0,1],">id":58`, `,"start":-1`, 3, "- -"}, // 0 is also no company
	} {
		a := call(t, p, "crm.item.list", ask(tt.filter, tt.start))
		assert.Len(t, a.ids(t, "id", "result", "items"), tt.rows, "%s%s", tt.filter, tt.start)
		assert.Equal(t, tt.counters, counters(t, a), "%s%s", tt.filter, tt.start)
	}
	// what the portal finds rows by and cannot count them by
	for _, filter := range []string{`"@contactIds":[1]`, `"companyIds":[1]`, `"0":{"contactIds":1}`, `"contactIds":[]`} {
		assert.Equal(t, "error 100", listed(t, p, "crm.item.list", ask(filter, "")), filter)
	}
	a := call(t, p, "crm.item.list", `{"entityTypeId":2,"filter":{"contactIds":2,"id":1}}`)
	assert.JSONEq(t, `{"items":[{"id":1,"title":"t0","categoryId":0,"companyIds":[0],"contactIds":[1,2],"observers":[7]}]}`, resultText(t, a))
}

// An activity that is bound to two of the owners of a filter stands twice in a row.
func TestActivitiesByTheirBindings(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	owner := func(typeID, id int) b24.Params { return b24.Params{"OWNER_TYPE_ID": typeID, "OWNER_ID": id} }
	p.Seed("crm.activity",
		b24.Params{"SUBJECT": "both", "BINDINGS": []b24.Params{owner(2, 5), owner(3, 6)}},
		b24.Params{"SUBJECT": "one", "BINDINGS": []b24.Params{owner(2, 5)}},
		b24.Params{"SUBJECT": "its owner", "OWNER_TYPE_ID": 2, "OWNER_ID": 5},
		b24.Params{"SUBJECT": "another", "OWNER_TYPE_ID": 2, "OWNER_ID": 9},
	)
	const two = `"filter":{"BINDINGS":[{"OWNER_TYPE_ID":2,"OWNER_ID":5},{"OWNER_TYPE_ID":3,"OWNER_ID":6}]}`
	checkFiltered(t, p, []filtered{
		{"crm.activity.list", `{"order":{"ID":"ASC"},` + two + `}`, "1 1 2 3"},
		{"crm.activity.list", `{"order":{"ID":"DESC"},` + two + `}`, "3 2 1 1"},
		{"crm.activity.list", `{"order":{"ID":"ASC"},"filter":{"BINDINGS":[{"OWNER_TYPE_ID":2}]}}`, "1 2 3 4"},
		{"crm.activity.list", `{"order":{"ID":"ASC"},"filter":{"BINDINGS":[]}}`, "1 2 3 4"},
		{"crm.activity.list", `{"order":{"ID":"ASC"},"filter":{"=BINDINGS":[{"OWNER_TYPE_ID":3}]}}`, "1 2 3 4"},
	})
	assert.Equal(t, "4 -", counters(t, call(t, p, "crm.activity.list", `{`+two+`}`)))

	p.Seed("voximplant.statistic",
		b24.Params{"CRM_BINDINGS": []b24.Params{{"ENTITY_TYPE": "LEAD", "ENTITY_ID": 1}, {"ENTITY_TYPE": "LEAD", "ENTITY_ID": 2}}},
		b24.Params{"CRM_BINDINGS": []b24.Params{{"ENTITY_TYPE": "DEAL", "ENTITY_ID": 1}}})
	checkFiltered(t, p, []filtered{
		{"voximplant.statistic.get", `{"SORT":"ID","ORDER":"ASC","FILTER":{"CRM_BINDINGS.ENTITY_TYPE":"LEAD","CRM_BINDINGS.ENTITY_ID":[1,2]}}`, "1 1"},
		{"voximplant.statistic.get", `{"SORT":"ID","ORDER":"ASC","FILTER":{"CRM_BINDINGS.ENTITY_ID":1}}`, "1 2"},
	})
}

// A task of a workflow comes once for each of its users, if one of them is asked for or told.
func TestWorkflowTasksByTheirUsers(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	user := func(id, status int) b24.Params { return b24.Params{"USER_ID": id, "USER_STATUS": status} }
	p.Seed("bizproc.task", b24.Params{"NAME": "a", "USERS": []b24.Params{user(5, 0), user(6, 1)}}, b24.Params{"NAME": "b", "USER_ID": 5, "USER_STATUS": 0})
	checkFiltered(t, p, []filtered{
		{"bizproc.task.list", `{"ORDER":{"ID":"ASC"}}`, "1 2"},
		{"bizproc.task.list", `{"ORDER":{"ID":"ASC"},"SELECT":["ID","USER_ID"]}`, "1 1 2"},
		{"bizproc.task.list", `{"ORDER":{"ID":"ASC"},"FILTER":{"USER_STATUS":0}}`, "1 2"},
		{"bizproc.task.list", `{"ORDER":{"ID":"ASC"},"FILTER":{"USER_ID":[5,6]}}`, "1 1 2"},
		{"bizproc.task.list", `{"ORDER":{"USER_ID":"DESC","ID":"ASC"}}`, "1 1 2"},
		{"bizproc.task.list", `{"ORDER":{"ID":"ASC"},"FILTER":{"=ID":1,"@ID":[1],"%NAME":"a",">id":1}}`, "1 2"}, // operators and names it does not know
	})
	a := call(t, p, "bizproc.task.list", `{"ORDER":{"ID":"ASC","USER_ID":"DESC"},"SELECT":["ID","USER_ID","USER_STATUS"]}`)
	assert.JSONEq(t, `[{"ID":"1","USER_ID":"6","USER_STATUS":"1"},{"ID":"1","USER_ID":"5","USER_STATUS":"0"},{"ID":"2","USER_ID":"5","USER_STATUS":"0"}]`, resultText(t, a))
	assert.Equal(t, "3 -", counters(t, a))
}

// The templates of several types are found once for each, and are keyed by id behind LIMIT 50.
func TestTemplatesOfSeveralTypes(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.SeedN("crm.documentgenerator.template", 60, func(int) b24.Params { return b24.Params{"entityTypeId": []int{2, 4}} })
	for start, want := range map[string]struct {
		rows     int
		counters string
	}{``: {25, "120 25"}, `,"start":25`: {25, "120 25"}, `,"start":50`: {25, "120 75"}, `,"start":100`: {10, "120 110"}} {
		a := call(t, p, "crm.documentgenerator.template.list", `{"order":{"id":"ASC"},"filter":{"entityTypeId":[2,4]}`+start+`}`)
		assert.Len(t, a.field(t, "result", "templates"), want.rows, start)
		assert.Equal(t, want.counters, counters(t, a), start)
	}
	assert.Equal(t, "60 50", counters(t, call(t, p, "crm.documentgenerator.template.list", `{"filter":{"entityTypeId":4}}`)))
	assert.Equal(t, "error 100", listed(t, p, "crm.documentgenerator.template.list", `{"filter":{"@entityTypeId":[2]}}`))

	p.Seed("documentgenerator.template", b24.Params{"providers": []b24.Params{{"PROVIDER": "a"}, {"PROVIDER": "b"}}})
	a := call(t, p, "documentgenerator.template.list", `{"filter":{"provider.provider":["a","b"]}}`)
	assert.Equal(t, "2 1", counters(t, a))
}

// Of several records of one dialog the newest is told; records count for LIMIT, and a dialog may come again on a later page.
func TestRecordsOfADialog(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	for i := range 40 {
		p.Seed("im.recent",
			b24.Params{"id": fmt.Sprint("chat", i), "title": "new", "date_update": 1000 - 2*i},
			b24.Params{"id": fmt.Sprint("chat", i+1), "title": "old", "date_update": 999 - 2*i})
	}
	ids := func(body string) []string { return call(t, p, "im.recent.list", body).ids(t, "id", "result", "items") }
	first, second := ids(`{"LIMIT":20}`), ids(`{"LIMIT":20,"OFFSET":20}`)
	assert.Len(t, first, 11)
	assert.Equal(t, "chat10", first[10])
	assert.Equal(t, "chat10", second[0], "the dialog at the edge comes again")
	for offset, more := range map[int]bool{0: true, 60: true, 70: false, 80: false} {
		a := call(t, p, "im.recent.list", fmt.Sprintf(`{"LIMIT":20,"OFFSET":%d}`, offset))
		assert.Equal(t, more, a.field(t, "result", "hasMore"), offset)
	}
	a := call(t, p, "im.recent.list", `{"LIMIT":20}`)
	assert.Equal(t, "-1 11", counters(t, a), "next counts dialogs")
	assert.Equal(t, "new", a.field(t, "result", "items", 0, "title"))
	assert.Len(t, p.Rows("im.recent"), 80)
	p.Remove("im.recent", "chat1")
	assert.Len(t, p.Rows("im.recent"), 78)
}

// Rows that are counted and never told: total and next promise them.
func TestHiddenRows(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.SeedN("catalog.document", 60, func(i int) b24.Params { return b24.Params{"docType": "A", "title": strconv.Itoa(i % 2)} })
	for range 10 {
		p.SeedHidden("catalog.document", b24.Params{"docType": "X", "title": "0"})
	}
	a := call(t, p, "catalog.document.list", `{}`)
	assert.Equal(t, "70 50", counters(t, a))
	a = call(t, p, "catalog.document.list", `{"start":50}`)
	assert.Len(t, a.ids(t, "id", "result", "documents"), 10)
	assert.Equal(t, "70 60", counters(t, a))
	assert.Equal(t, "40 30", counters(t, call(t, p, "catalog.document.list", `{"filter":{"title":"0"}}`)))
	assert.Equal(t, "30 -", counters(t, call(t, p, "catalog.document.list", `{"filter":{"title":"1"}}`)))
	assert.Equal(t, "- -", counters(t, call(t, p, "catalog.document.list", `{"start":-1}`)))
	assert.Len(t, p.Rows("catalog.document"), 60)

	p.Seed("catalog.productpropertysection", b24.Params{"propertyId": 1})
	p.SeedHidden("catalog.productpropertysection", b24.Params{"propertyId": 2})
	assert.Equal(t, "2 1", counters(t, call(t, p, "catalog.productpropertysection.list", `{}`)))
}

func TestHiddenRowsOfOtherEntities(t *testing.T) {
	t.Parallel()
	failed := &failures{TB: t}
	p := b24test.NewPortal(failed, b24test.WithMemory())
	p.SeedHidden("crm.deal", b24.Params{})
	assert.Equal(t, []string{"b24test: seed crm.deal: hidden row 0: its list has no hidden rows"}, failed.texts)
}

// failures notes what a test would fail with.
type failures struct {
	testing.TB

	texts []string
}

func (f *failures) Error(args ...any) { f.texts = append(f.texts, fmt.Sprint(args...)) }
