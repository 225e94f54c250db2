package b24test_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/b24test"
)

// listCase is how a list of docs/protocol.md 5.2 is asked and how it answers.
type listCase struct {
	method string
	entity string // as Seed knows it; "" is the method
	args   string // what each call needs, as members of an object
	rows   string // member of the result; "" is the result
	id     string
	text   bool   // ids are told as text
	asc    string // arguments for ascending ids
	after  string // arguments for the rows after an id, %s
	minus  string // total and next with start=-1, of 120 rows
	plain  string // total and next without start
	past   int    // rows of a start behind the end
	at75   int    // the first id of start=75, ordered by id
}

func keysets() []listCase {
	const (
		upper = `"order":{"ID":"ASC"}`
		lower = `"order":{"id":"ASC"}`
		more  = `"filter":{">ID":%s}`
		less  = `"filter":{">id":%s}`
	)
	classic := listCase{id: "ID", text: true, asc: upper, after: more, minus: "0 -", plain: "120 50", past: 50, at75: 51}
	orm := listCase{id: "ID", text: true, asc: upper, after: more, minus: "0 -", plain: "120 50", past: 0, at75: 76}
	controller := listCase{id: "id", asc: lower, after: less, minus: "- -", plain: "120 50", past: 0, at75: 51}
	var all []listCase
	add := func(c listCase, method, rows, args string) {
		c.method, c.rows, c.args = method, rows, args
		all = append(all, c)
	}
	for _, m := range []string{"deal", "lead", "contact", "company", "quote", "activity"} {
		add(classic, "crm."+m+".list", "", "")
	}
	cut := classic // the portal cuts the pages by itself, so it knows how many rows there are
	cut.minus = "120 50"
	for _, m := range []string{"requisite", "requisite.bankdetail", "requisite.preset", "deal.recurring"} {
		add(cut, "crm."+m+".list", "", "")
	}
	items := controller
	items.entity = "crm.item:2"
	add(items, "crm.item.list", "items", `"entityTypeId":2`)
	add(controller, "crm.type.list", "types", "")
	history := controller
	history.id, history.asc, history.after = "ID", upper, more
	add(history, "crm.stagehistory.list", "items", `"entityTypeId":2`)
	tasks := controller
	tasks.text, tasks.asc, tasks.after = true, upper, more
	add(tasks, "tasks.task.list", "tasks", "")
	add(tasks, "socialnetwork.api.workgroup.list", "workgroups", "")
	for m, rows := range map[string]string{"price": "prices", "document": "documents", "store": "stores"} {
		add(controller, "catalog."+m+".list", rows, "")
	}
	first := controller // always the first page
	first.past, first.at75 = 50, 1
	add(first, "catalog.catalog.list", "catalogs", "")
	add(first, "sale.propertygroup.list", "propertyGroups", "")
	add(first, "sale.propertyvariant.list", "propertyVariants", "")
	add(controller, "crm.automatedsolution.list", "automatedSolutions", "")
	for m, rows := range map[string]string{"order": "orders", "basketitem": "basketItems", "payment": "payments", "shipment": "shipments"} {
		add(controller, "sale."+m+".list", rows, "")
	}
	documents := controller
	documents.text = true
	add(documents, "documentgenerator.document.list", "documents", "")
	add(documents, "crm.documentgenerator.document.list", "documents", "")
	add(documents, "userfieldconfig.list", "fields", `"moduleId":"crm"`)
	groups := classic
	groups.asc, groups.after = `"ORDER":{"ID":"ASC"}`, `"FILTER":{">ID":%s}`
	add(groups, "sonet_group.get", "", "")
	add(groups, "bizproc.task.list", "", "")
	elements := groups
	elements.asc = `"ELEMENT_ORDER":{"ID":"ASC"}`
	add(elements, "lists.element.get", "", `"IBLOCK_TYPE_ID":"lists","IBLOCK_ID":7`)
	entity := groups
	entity.asc = `"SORT":{"ID":"ASC"}`
	add(entity, "entity.item.get", "", `"ENTITY":"menu"`)
	users := orm
	users.asc, users.after = `"sort":"ID","order":"ASC"`, `"FILTER":{">ID":%s}`
	add(users, "user.get", "", "")
	add(users, "voximplant.statistic.get", "", "")
	add(orm, "bizproc.workflow.template.list", "", "")
	counted := orm
	counted.minus = "120 50"
	add(counted, "disk.folder.getchildren", "", `"id":1`)
	add(counted, "disk.storage.getchildren", "", `"id":1`)
	add(counted, "disk.storage.getlist", "", "")
	add(counted, "event.offline.list", "", "")
	return all
}

// with is the body of a call: the arguments it needs and others.
func (c listCase) with(args ...string) string {
	members := []string{}
	for _, a := range append([]string{c.args}, args...) {
		if a != "" {
			members = append(members, a)
		}
	}
	return "{" + strings.Join(members, ",") + "}"
}

func (c listCase) path() []any {
	if c.rows == "" {
		return []any{"result"}
	}
	return []any{"result", c.rows}
}

func (c listCase) seed(t *testing.T, n int) *b24test.Portal {
	t.Helper()
	p := b24test.NewPortal(t, b24test.WithMemory())
	name := c.entity
	if name == "" {
		name = c.method
	}
	p.SeedN(name, n, nil)
	return p
}

// counters are total and next of an answer, - for one that is not there.
func counters(t *testing.T, a answer) string {
	t.Helper()
	told := []string{"-", "-"}
	for i, key := range []string{"total", "next"} {
		if a.has(t, key) {
			told[i] = jsonText(t, a, key)
		}
	}
	return strings.Join(told, " ")
}

func TestListsByKeyset(t *testing.T) {
	t.Parallel()
	for _, c := range keysets() {
		p := c.seed(t, 120)
		var got []string
		for last := "0"; ; last = got[len(got)-1] {
			a := call(t, p, c.method, c.with(c.asc, fmt.Sprintf(c.after, last), `"start":-1`))
			require.Equal(t, http.StatusOK, a.Status, "%s: %s", c.method, a.Body)
			ids := a.ids(t, c.id, c.path()...)
			got = append(got, ids...)
			if len(ids) < 50 {
				break
			}
		}
		want := make([]string, 120)
		for i := range want {
			want[i] = strconv.Itoa(i + 1)
		}
		assert.Equal(t, want, got, c.method)
	}
}

func TestListsByOffset(t *testing.T) {
	t.Parallel()
	for _, c := range keysets() {
		p := c.seed(t, 120)
		a := call(t, p, c.method, c.with(c.asc, `"start":-1`))
		assert.Equal(t, c.minus, counters(t, a), c.method)
		_, isText := a.field(t, append(c.path(), 0)...).(map[string]any)[c.id].(string)
		assert.Equal(t, c.text, isText, c.method)

		a = call(t, p, c.method, c.with(c.asc))
		assert.Equal(t, c.plain, counters(t, a), c.method)
		assert.Equal(t, "1", a.ids(t, c.id, c.path()...)[0], c.method)

		a = call(t, p, c.method, c.with(c.asc, `"start":75`))
		assert.Equal(t, strconv.Itoa(c.at75), a.ids(t, c.id, c.path()...)[0], c.method)

		a = call(t, p, c.method, c.with(c.asc, `"start":200`))
		assert.Len(t, a.ids(t, c.id, c.path()...), c.past, c.method)
	}
}

// What does without an order, or has one of its own.
func TestListsWithoutAnOrder(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ method, entity, args, rows, id, first string }{
		{"crm.deal.list", "", ``, "", "ID", "1"},
		{"sale.order.list", "", ``, "orders", "id", "1"},
		{"entity.item.get", "", `"ENTITY":"x"`, "", "ID", "1"},
		{"bizproc.workflow.template.list", "", ``, "", "ID", "1"},
		{"sonet_group.get", "", ``, "", "ID", "120"},
		{"bizproc.task.list", "", ``, "", "ID", "120"},
		{"log.blogpost.get", "", ``, "", "ID", "120"},
		{"crm.item.list", "crm.item:2", `"entityTypeId":2`, "items", "id", "77"},
		{"user.get", "", ``, "", "ID", "77"},
		{"user.get", "", `"sort":"ID"`, "", "ID", "77"},
		{"voximplant.statistic.get", "", `"SORT":"ID"`, "", "ID", "77"},
		{"voximplant.statistic.get", "", `"order":{"ID":"ASC"}`, "", "ID", "77"},
		{"disk.folder.getchildren", "", `"id":1`, "", "ID", "77"},
		{"socialnetwork.api.workgroup.list", "", ``, "workgroups", "id", "77"},
		{"sonet_group.get", "", `"order":{"ID":"ASC"}`, "", "ID", "120"}, // names in capitals only
		{"lists.element.get", "", `"IBLOCK_TYPE_ID":"a","IBLOCK_ID":1,"ELEMENT_ORDER":{"ID":"DESC"}`, "", "ID", "120"},
	} {
		c := listCase{method: tt.method, entity: tt.entity, args: tt.args, rows: tt.rows}
		a := call(t, c.seed(t, 120), tt.method, c.with())
		require.Equal(t, http.StatusOK, a.Status, a.Body)
		assert.Equal(t, tt.first, a.ids(t, tt.id, c.path()...)[0], "%s %s", tt.method, tt.args)
	}
}

// What a portal makes of names and operators it does not know.
func TestListsFilterNames(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		method, args, rows string
		total              any // of 120, or the code of the error
	}{
		{"crm.timeline.comment.list", `"filter":{">ID":100}`, "", 120},
		{"department.get", `"FILTER":{">ID":100}`, "", 120},
		{"department.get", `">ID":100`, "", 120},
		{"department.get", `"ID":100`, "", 1},
		{"user.get", `"FILTER":{">NOPE":100}`, "", 120},
		{"user.get", `"FILTER":{">ID":100},"ID":1`, "", 20},
		{"user.get", `">ID":100`, "", 20},
		{"disk.folder.getchildren", `"id":1,"filter":{">id":100}`, "", 20},
		{"disk.folder.getchildren", `"id":1,"filter":{">NOPE":100}`, "", 120},
		{"disk.folder.getchildren", `"id":1,"filter":{"@ID":[1,2]}`, "", 120},
		{"bizproc.workflow.template.list", `"FILTER":{">NOPE":1}`, "", 120},
		{"bizproc.task.list", `"FILTER":{">ID":100}`, "", 20},
		{"sale.order.list", `"filter":{">ID":100}`, "orders", 120},
		{"sale.order.list", `"filter":{">id":100}`, "orders", 20},
		{"sale.order.list", `"filter":{">nope":100}`, "orders", 120},
		{"sale.order.list", `"FILTER":{">id":100}`, "orders", 120},
		{"tasks.task.list", `"filter":{">id":100}`, "tasks", 120},
		{"socialnetwork.api.workgroup.list", `"filter":{">id":100}`, "workgroups", 120},
		{"voximplant.statistic.get", `"FILTER":{">id":100}`, "", 20},
		{"sonet_group.get", `"filter":{">ID":100}`, "", 120},
		{"event.offline.list", `"filter":{">id":100}`, "", 20},
		{"event.offline.list", `"filter":{">NOPE":100}`, "", "ERROR_ARGUMENT"},
		{"event.offline.list", `"filter":{"!ID":100}`, "", "ERROR_ARGUMENT"},
		{"lists.element.get", `"IBLOCK_TYPE_ID":"a","IBLOCK_ID":1,"FILTER":{">NOPE":1}`, "", "ERROR_ARGUMENT"},
		{"lists.element.get", `"IBLOCK_TYPE_ID":"a","IBLOCK_ID":1,"FILTER":{"@ID":1}`, "", "ERROR_ARGUMENT"},
		{"lists.element.get", `"IBLOCK_ID":1`, "", "ERROR_ARGUMENT"},
		{"entity.item.get", `"entity":"x"`, "", "ERROR_ARGUMENT"},
		{"crm.type.list", `"filter":{">nope":1}`, "types", "INVALID_ARG_VALUE"},
		{"crm.stagehistory.list", `"entityTypeId":2,"filter":{">id":1}`, "items", "INVALID_ARG_VALUE"},
		{"crm.stagehistory.list", `"entityTypeId":2,"order":{"nope":"ASC"}`, "items", 120},
		{"crm.stagehistory.list", ``, "items", "100"},
		{"crm.item.productrow.list", `"filter":{"=ownerId":1,"=ownerType":"D"}`, "productRows", 0},
		{"crm.item.productrow.list", `"filter":{">id":1}`, "productRows", "REQUIRED_ARG_MISSING"},
		{"catalog.product.list", `"filter":{">id":1}`, "products", "0"},
		{"userfieldconfig.list", ``, "fields", "100"},
		{"crm.category.list", `"entityTypeId":130,"filter":{">id":100}`, "categories", 120},
		{"crm.address.list", `"filter":{"TYPE_ID":5}`, "", 0},
		{"log.blogpost.get", `"POST_ID":7`, "", 1},
	} {
		c := listCase{method: tt.method, args: tt.args}
		a := call(t, c.seed(t, 120), tt.method, c.with())
		if code, failed := tt.total.(string); failed {
			assert.Equal(t, http.StatusBadRequest, a.Status, "%s %s", tt.method, tt.args)
			assert.Equal(t, code, a.field(t, "error"), "%s %s", tt.method, tt.args)
			continue
		}
		require.Equal(t, http.StatusOK, a.Status, a.Body)
		assert.Equal(t, fmt.Sprint(tt.total), jsonText(t, a, "total"), "%s %s", tt.method, tt.args)
	}
}
