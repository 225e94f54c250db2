package b24test_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// Every portal has the category 0, for deals and for contacts and companies.
func TestCategoryZero(t *testing.T) {
	t.Parallel()
	const general = `{"id":0,"name":"General","sort":300,"entityTypeId":2,"isDefault":"Y"}`
	p := b24test.NewPortal(t, b24test.WithMemory())
	a := call(t, p, "crm.category.list", `{"entityTypeId":2}`)
	assert.JSONEq(t, `{"categories":[`+general+`]}`, resultText(t, a))
	assert.Equal(t, "1 -", counters(t, a))
	p.Seed("crm.category",
		b24.Params{"id": 3, "name": "Late", "sort": 400, "entityTypeId": 2}, b24.Params{"name": "Early", "sort": 100, "entityTypeId": 2},
		b24.Params{"name": "Other", "entityTypeId": 130, "sort": 1}, b24.Params{"name": "Suppliers", "sort": 500, "entityTypeId": 3, "code": "S"})
	a = call(t, p, "crm.category.list", `{"entityTypeId":2}`)
	assert.Equal(t, []string{"4", "0", "3"}, a.ids(t, "id", "result", "categories"))
	assert.Equal(t, "3 -", counters(t, a))
	assert.Equal(t, []string{"5"}, call(t, p, "crm.category.list", `{"entityTypeId":130}`).ids(t, "id", "result", "categories"))
	a = call(t, p, "crm.category.list", `{"entityTypeId":3}`)
	assert.Equal(t, []string{"0", "6"}, a.ids(t, "id", "result", "categories"))
	assert.Equal(t, "Y", a.field(t, "result", "categories", 0, "isSystem"))
	assert.Equal(t, []string{"6"}, call(t, p, "crm.category.list", `{"entityTypeId":3,"filter":{"code":"S"}}`).ids(t, "id", "result", "categories"))
	p.Seed("crm.category", b24.Params{"id": 0, "name": "Sales", "sort": 1000, "entityTypeId": 2})
	a = call(t, p, "crm.category.list", `{"entityTypeId":2}`)
	assert.Equal(t, []string{"4", "3", "0"}, a.ids(t, "id", "result", "categories"), "renamed")
	assert.Equal(t, "Sales", a.field(t, "result", "categories", 2, "name"))
}

// The older methods tell the same categories of deals, without that one.
func TestDealCategories(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("crm.category", b24.Params{"name": "New", "sort": 400, "entityTypeId": 2}, b24.Params{"name": "Other", "entityTypeId": 130})
	p.Seed("crm.dealcategory", b24.Params{"NAME": "Old", "SORT": 100})
	a := call(t, p, "crm.dealcategory.list", `{"order":{"SORT":"ASC"}}`)
	assert.JSONEq(t, `[{"ID":"3","NAME":"Old","SORT":"100"},{"ID":"1","NAME":"New","SORT":"400"}]`, resultText(t, a))
	assert.Equal(t, "2 -", counters(t, a))
	assert.JSONEq(t, `[{"ID":"1"}]`, resultText(t, call(t, p, "crm.dealcategory.list", `{"filter":{"NAME":"New"},"select":["ID"]}`)))
	assert.JSONEq(t, `{"ID":"1","NAME":"New","SORT":"400"}`, resultText(t, call(t, p, "crm.dealcategory.get", `{"id":1}`)))
	assert.Equal(t, http.StatusBadRequest, call(t, p, "crm.dealcategory.get", `{"id":2}`).Status)
	assert.JSONEq(t, `{"ID":0,"NAME":"General"}`, resultText(t, call(t, p, "crm.dealcategory.default.get", `{}`)))
	assert.Equal(t, []string{"3", "0", "1"}, call(t, p, "crm.category.list", `{"entityTypeId":2}`).ids(t, "id", "result", "categories"))
	assert.Len(t, p.Rows("crm.dealcategory"), 2)
}

// A deal of which nobody says otherwise is in the category 0.
func TestDealsAreInCategoryZero(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("crm.deal", b24.Params{"TITLE": "a"}, b24.Params{"TITLE": "b", "CATEGORY_ID": 3})
	call(t, p, "crm.deal.add", `{"fields":{"TITLE":"c"}}`)
	call(t, p, "crm.item.add", `{"entityTypeId":2,"fields":{"title":"d"}}`)
	call(t, p, "crm.item.add", `{"entityTypeId":2,"fields":{"title":"e","categoryId":3}}`)
	for _, filter := range []string{`{"CATEGORY_ID":0}`, `{"CATEGORY_ID":"0"}`, `{"!CATEGORY_ID":3}`} {
		assert.Equal(t, []string{"1", "3", "4"}, call(t, p, "crm.deal.list", `{"filter":`+filter+`}`).ids(t, "ID", "result"), filter)
	}
	assert.Equal(t, "0", call(t, p, "crm.deal.get", `{"id":1}`).field(t, "result", "CATEGORY_ID"))
	a := call(t, p, "crm.item.list", `{"entityTypeId":2,"filter":{"categoryId":0},"order":{"id":"ASC"},"select":["id","categoryId"]}`)
	assert.JSONEq(t, `{"items":[{"id":1,"categoryId":0},{"id":3,"categoryId":0},{"id":4,"categoryId":0}]}`, resultText(t, a))
	p.SeedN("crm.quote", 3, nil, b24test.Generated())
	require.NotContains(t, call(t, p, "crm.quote.list", `{}`).Body, "CATEGORY_ID")
	q := b24test.NewPortal(t, b24test.WithMemory())
	q.SeedN("crm.deal", 3, nil, b24test.Generated())
	assert.Len(t, call(t, q, "crm.deal.list", `{"filter":{"CATEGORY_ID":0}}`).ids(t, "ID", "result"), 3)
}
