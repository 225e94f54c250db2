package b24test_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// With a contact or company its requisites are deleted, and what belongs to them.
func TestRequisitesEndWithTheirOwner(t *testing.T) {
	t.Parallel()
	for _, remove := range []step{{"crm.company.delete", `{"id":1}`, `true`}, {"crm.item.delete", `{"entityTypeId":4,"id":1}`, `[]`}} {
		p := b24test.NewPortal(t, b24test.WithMemory())
		p.Seed("crm.company", b24.Params{"TITLE": "A"}, b24.Params{"TITLE": "B"})
		p.Seed("crm.requisite", b24.Params{"ENTITY_TYPE_ID": 4, "ENTITY_ID": 1}, b24.Params{"ENTITY_TYPE_ID": 4, "ENTITY_ID": 2}, b24.Params{"ENTITY_TYPE_ID": 3, "ENTITY_ID": 1})
		p.Seed("crm.requisite.bankdetail", b24.Params{"ENTITY_ID": 1}, b24.Params{"ENTITY_ID": 2})
		walk(t, p, []step{remove})
		require.Len(t, p.Rows("crm.requisite"), 2)
		assert.Equal(t, "2", p.Rows("crm.requisite")[0]["ID"])
		assert.Len(t, p.Rows("crm.requisite.bankdetail"), 1)
	}
}

func TestNewItemsOfSmartProcesses(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	walk(t, p, []step{
		{"crm.type.add", `{"fields":{"title":"Cars","entityTypeId":130,"isStagesEnabled":"Y"}}`, `{"type":{"id":1}}`},
		{"crm.type.add", `{"fields":{"title":"Keys","entityTypeId":131}}`, `{"type":{"id":2}}`},
		{"crm.category.add", `{"entityTypeId":130,"fields":{"name":"Old"}}`, `{"category":{"id":3}}`},
		{"crm.item.add", `{"entityTypeId":130,"fields":{"title":"a"}}`, `{"item":{"categoryId":1,"stageId":"DT130_1:NEW"}}`},
		{"crm.item.add", `{"entityTypeId":130,"fields":{"categoryId":3}}`, `{"item":{"categoryId":3,"stageId":"DT130_3:NEW"}}`},
		{"crm.item.add", `{"entityTypeId":130,"fields":{"stageId":"DT130_1:CLIENT"}}`, `{"item":{"categoryId":1,"stageId":"DT130_1:CLIENT"}}`},
		{"crm.item.list", `{"entityTypeId":130,"filter":{"stageId":"DT130_3:NEW"}}`, `{"items":[{"id":2}]}`},
		{"crm.category.update", `{"entityTypeId":130,"id":3,"fields":{"isDefault":"Y"}}`, `{"category":{"id":3}}`},
		{"crm.item.add", `{"entityTypeId":130,"fields":{}}`, `{"item":{"categoryId":3}}`},
		{"crm.item.fields", `{"entityTypeId":130}`, `{"fields":{"assignedById":{"type":"user"},"createdBy":{"type":"user"},"createdTime":{"type":"datetime"},"stageId":{"type":"crm_status"},
			"categoryId":{"type":"crm_category"},"companyId":{"type":"crm_company"},"begindate":{"type":"date"},"sourceId":{"type":"crm_status","statusType":"SOURCE"}}}`},
	})
	a := call(t, p, "crm.item.add", `{"entityTypeId":131,"fields":{"title":"b"}}`)
	assert.Contains(t, a.Body, `"categoryId":2`)
	assert.NotContains(t, a.Body, "stageId", "the smart process has no stages")
}

// A portal keeps the contacts of a record in a table of their own, also the only one.
func TestTheOnlyContactIsAmongTheContacts(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("crm.deal", b24.Params{"CONTACT_ID": 7}, b24.Params{"CONTACT_ID": 0}, b24.Params{"CONTACT_ID": 7, "CONTACT_IDS": []int{7, 8}})
	p.Seed("crm.contact", b24.Params{"COMPANY_ID": "5"})
	walk(t, p, []step{
		{"crm.item.list", `{"entityTypeId":2}`, `{"items":[{"contactIds":[7]},{"id":2},{"contactIds":[7,8]}]}`},
		{"crm.item.list", `{"entityTypeId":2,"filter":{"contactIds":7},"select":["id","contactIds"],"start":-1}`, `{"items":[{"id":1,"contactIds":[7]},{"id":3}]}`},
		{"crm.item.get", `{"entityTypeId":3,"id":1}`, `{"item":{"companyIds":[5]}}`},
	})
	assert.NotContains(t, call(t, p, "crm.item.get", `{"entityTypeId":2,"id":2}`).Body, "contactIds")
	assert.NotContains(t, p.Rows("crm.deal")[0], "CONTACT_IDS", "the older methods do not return them")
}

// A newer portal keeps equal phones once.
func TestEqualPhonesAreKeptOnce(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	walk(t, p, []step{
		{"crm.contact.add", `{"fields":{"PHONE":[{"VALUE":"1"},{"VALUE":"1","VALUE_TYPE":"WORK"},{"VALUE":"1","VALUE_TYPE":"HOME"}],"EMAIL":[{"VALUE":"1"}]}}`, `1`},
		{"crm.contact.update", `{"id":1,"fields":{"PHONE":[{"VALUE":"1","VALUE_TYPE":"HOME"},{"VALUE":"2"}]}}`, `true`},
		{"crm.item.update", `{"entityTypeId":3,"id":1,"fields":{"fm":{"n0":{"typeId":"PHONE","valueType":"WORK","value":"2"}}}}`, `{"item":{"id":1}}`},
		{"crm.contact.get", `{"id":1}`, `{"PHONE":[{"VALUE":"1","VALUE_TYPE":"WORK"},{"VALUE":"1","VALUE_TYPE":"HOME"},{"VALUE":"2","VALUE_TYPE":"WORK"}],"EMAIL":[{"VALUE":"1"}]}`},
	})
}

// A misspelled name of an entity of REST 3.0 would make a test pass without rows.
func TestUnknownEntitiesV3FailTheTest(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]func(p *b24test.Portal){
		"tasks.task":    func(p *b24test.Portal) { p.V3().Seed("task.task", b24.Params{"id": 1}) },
		"main.eventlog": func(p *b24test.Portal) { p.V3().SeedN("main.evenlog", 3, func(int) b24.Params { return nil }) },
		"note.document": func(p *b24test.Portal) { p.V3().Seed("note.documents") },
		"shop.article": func(p *b24test.Portal) {
			p.V3().Define("shop.article", b24test.EntityV3{})
			p.V3().Seed("shop.articles")
		},
	} {
		tb := &recorder{TB: t}
		f(b24test.NewPortal(tb, b24test.WithMemory()))
		require.Len(t, tb.texts, 1, name)
		assert.Contains(t, tb.texts[0], "did you mean "+name+"? V3.Define creates an entity")
	}
	p := b24test.NewPortal(t, b24test.WithMemory())
	require.ErrorContains(t, p.SeedJSON(strings.NewReader(`{"v3:tasks.tasks":[]}`)), "v3:tasks.tasks: the portal has no such entity: did you mean tasks.task?")
	p.V3().Seed("shop.good", b24.Params{"id": 1})
	p.V3().Define("tasks.tasks", b24test.EntityV3{})
	p.V3().Seed("tasks.tasks", b24.Params{"id": 1})
	assert.Len(t, p.V3().Rows("tasks.tasks"), 1)
}
