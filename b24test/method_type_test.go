package b24test_test

import (
	"testing"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// A smart process exists from its creation to its deletion, with a category and stages.
func TestSmartProcess(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory(), b24test.WithCredentials(7, "secret"))
	walk(t, p, []step{
		{"crm.item.list", `{"entityTypeId":1030}`, `!NOT_FOUND Smart process not found`},
		{"crm.category.list", `{"entityTypeId":1030}`, `{"categories":[]}`},
		{"crm.type.add", `{"fields":{"title":" Leases ","isCategoriesEnabled":"Y","isClientEnabled":true,"relations":{"parent":[{"entityTypeId":2,"isChildrenListEnabled":"true"}]}}}`, `{"type":{
			"id":1,"title":"Leases","code":"","createdBy":7,"updatedBy":7,"entityTypeId":1030,"isCategoriesEnabled":"Y","isClientEnabled":"Y","isStagesEnabled":"N",
			"isSetOpenPermissions":"Y","customSectionId":null,"relations":{"parent":[{"entityTypeId":2,"isChildrenListEnabled":"Y","isPredefined":"N"}],"child":[]},"customSections":[]}}`},
		{"crm.type.add", `{"fields":{"title":"More"}}`, `{"type":{"id":2,"entityTypeId":1032}}`},
		{"crm.type.add", `{"fields":{"title":"Own","entityTypeId":130}}`, `{"type":{"id":3,"entityTypeId":130}}`},
		{"crm.type.get", `{"id":1}`, `{"type":{"title":"Leases","relations":{"child":[]}}}`},
		{"crm.type.getByEntityTypeId", `{"entityTypeId":130}`, `{"type":{"id":3,"title":"Own"}}`},
		{"crm.type.list", `{"order":{"id":"ASC"}}`, `{"types":[{"title":"Leases"},{"title":"More"},{"title":"Own"}]}`},
		{"crm.type.update", `{"id":1,"fields":{"title":"Rents","isStagesEnabled":"Y","entityTypeId":1040}}`, `{"type":{"title":"Rents","entityTypeId":1030,"isStagesEnabled":"Y","isClientEnabled":"Y"}}`},
		{"crm.category.list", `{"entityTypeId":1030}`, `{"categories":[{"id":1,"name":"General","sort":500,"entityTypeId":1030,"isDefault":"Y"}]}`},
		{"crm.status.entity.items", `{"entityId":"DYNAMIC_1030_STAGE_1"}`, `[{"STATUS_ID":"DT1030_1:NEW"},{"STATUS_ID":"DT1030_1:PREPARATION"},{"STATUS_ID":"DT1030_1:CLIENT"},
			{"STATUS_ID":"DT1030_1:SUCCESS","SORT":40},{"STATUS_ID":"DT1030_1:FAIL"}]`},
		{"crm.item.add", `{"entityTypeId":1030,"fields":{"title":"a"}}`, `{"item":{"id":1,"title":"a"}}`},
		{"crm.item.list", `{"entityTypeId":1030}`, `{"items":[{"title":"a"}]}`},
		{"crm.type.delete", `{"id":1}`, `!BX_ERROR You cannot delete an entity type that has elements`},
		{"crm.item.delete", `{"entityTypeId":1030,"id":1}`, `[]`},
		{"crm.type.delete", `{"id":1}`, `[]`},
		{"crm.type.delete", `{"id":1}`, `!0 Smart process not found`},
		{"crm.item.list", `{"entityTypeId":1030}`, `!NOT_FOUND Smart process not found`},
		{"crm.status.entity.items", `{"entityId":"DYNAMIC_1030_STAGE_1"}`, `[]`},
		{"crm.type.list", `{}`, `{"types":[{"id":2},{"id":3}]}`},
	})
}

func TestSmartProcessRefusals(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("crm.item:150", b24.Params{"title": "a"})
	p.Seed("crm.type", b24.Params{"title": "Seeded", "entityTypeId": 160})
	walk(t, p, []step{
		{"crm.type.add", `{}`, `!100 Could not find value for parameter {fields}`},
		{"crm.type.add", `{"fields":{"title":" "}}`, `!BX_EMPTY_REQUIRED Required field "Title" is missing.`},
		{"crm.type.add", `{"fields":{"title":"x","entityTypeId":2}}`, `!INVALID_ARG_VALUE entityTypeId is out of allowed range`},
		{"crm.type.add", `{"fields":{"title":"x","entityTypeId":192}}`, `!INVALID_ARG_VALUE entityTypeId is out of allowed range`},
		{"crm.type.add", `{"fields":{"title":"x","entityTypeId":1031}}`, `!INVALID_ARG_VALUE entityTypeId is out of allowed range`},
		{"crm.type.add", `{"fields":{"title":"x","entityTypeId":150}}`, `!BX_INVALID_VALUE A smart process with the entityTypeId 150 already exists`},
		{"crm.type.get", `{"id":99}`, `!0 Smart process not found`},
		{"crm.type.get", `{}`, `!100 Could not find value for parameter {id}`},
		{"crm.type.getbyentitytypeid", `{"entityTypeId":150}`, `!0 Smart process not found`},
		{"crm.type.update", `{"id":1,"fields":{"title":""}}`, `!BX_EMPTY_REQUIRED Required field "Title" is missing.`},
		{"crm.item.list", `{"entityTypeId":160}`, `{"items":[]}`}, // its type was seeded
		{"crm.type.fields", `{}`, `{"fields":{"title":{"type":"string","isRequired":true,"upperName":"TITLE"},"entityTypeId":{"isImmutable":true,"isRequired":true},
			"isStagesEnabled":{"type":"boolean"},"createdBy":{"type":"user","isReadOnly":true}}}`},
	})
}

// A new category of deals brings its stages; the default one stays.
func TestCategoriesOfDeals(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	walk(t, p, []step{
		{"crm.category.add", `{"entityTypeId":2,"fields":{"name":"Partners","sort":100,"isDefault":"Y"}}`, `{"category":{"id":1,"name":"Partners","sort":100,"entityTypeId":2,"isDefault":"N","originId":""}}`},
		{"crm.status.entity.items", `{"entityId":"DEAL_STAGE_1"}`, `[{"STATUS_ID":"C1:NEW"},{"STATUS_ID":"C1:PREPARATION"},{"STATUS_ID":"C1:PREPAYMENT_INVOICE"},{"STATUS_ID":"C1:EXECUTING"},
			{"STATUS_ID":"C1:FINAL_INVOICE"},{"STATUS_ID":"C1:WON","SORT":60},{"STATUS_ID":"C1:LOSE"},{"STATUS_ID":"C1:APOLOGY"}]`},
		{"crm.status.list", `{"filter":{"ENTITY_ID":"DEAL_STAGE_1","STATUS_ID":"C1:WON"}}`, `[{"CATEGORY_ID":"1","SEMANTICS":"S","EXTRA":{"SEMANTICS":"success"}}]`},
		{"crm.status.entity.items", `{"entityId":"DEAL_STAGE"}`, `[{"STATUS_ID":"NEW"},{},{},{},{},{},{},{}]`},
		{"crm.category.get", `{"entityTypeId":2,"id":1}`, `{"category":{"name":"Partners"}}`},
		{"crm.category.get", `{"entityTypeId":2,"id":0}`, `{"category":{"id":0,"name":"General","isDefault":"Y"}}`},
		{"crm.category.update", `{"entityTypeId":2,"id":0,"fields":{"name":"Sales"}}`, `{"category":{"id":0,"name":"Sales","isDefault":"Y"}}`},
		{"crm.category.update", `{"entityTypeId":2,"id":1,"fields":{"name":"Agents","sort":-1}}`, `{"category":{"name":"Agents","sort":100}}`},
		{"crm.category.list", `{"entityTypeId":2}`, `{"categories":[{"id":1,"name":"Agents"},{"id":0,"name":"Sales"}]}`},
		{"crm.dealcategory.list", `{}`, `[{"ID":"1","NAME":"Agents"}]`},
		{"crm.deal.add", `{"fields":{"TITLE":"d","CATEGORY_ID":1}}`, `1`},
		{"crm.category.delete", `{"entityTypeId":2,"id":1}`, `!0 Deals related to the funnel Agents found`},
		{"crm.category.delete", `{"entityTypeId":2,"id":0}`, `!0 Default deal category cannot be deleted`},
		{"crm.deal.delete", `{"id":1}`, `true`},
		{"crm.category.delete", `{"entityTypeId":2,"id":1}`, `null`},
		{"crm.category.delete", `{"entityTypeId":2,"id":1}`, `!NOT_FOUND Element not found`},
		{"crm.status.entity.items", `{"entityId":"DEAL_STAGE_1"}`, `[]`},
		{"crm.category.add", `{"entityTypeId":2,"fields":{"name":" "}}`, `!0 Field 'NAME' is required`},
		{"crm.category.add", `{"entityTypeId":1,"fields":{"name":"x"}}`, `!ENTITY_TYPE_NOT_SUPPORTED Entity type LEAD is not supported`},
		{"crm.category.add", `{"entityTypeId":1030,"fields":{"name":"x"}}`, `!NOT_FOUND Smart process not found`},
		{"crm.category.add", `{"entityTypeId":3,"fields":{"name":"x","isDefault":"Y"}}`, `!0 Default client category does not support updating default state`},
		{"crm.category.delete", `{"entityTypeId":3,"id":0}`, `!REMOVING_DISABLED Deletion of system category is prohibited`},
		{"crm.category.add", `{"fields":{"name":"x"}}`, `!100 Could not find value for parameter {entityTypeId}`},
		{"crm.category.fields", `{"entityTypeId":2}`, `{"fields":{"isDefault":{"isReadOnly":true},"originId":{"type":"string"},"entityTypeId":{"isRequired":true,"isReadOnly":true}}}`},
	})
}

// A smart process has one default category, which can be another one.
func TestCategoriesOfASmartProcess(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	walk(t, p, []step{
		{"crm.type.add", `{"fields":{"title":"Leases"}}`, `{"type":{"entityTypeId":1030}}`},
		{"crm.category.add", `{"entityTypeId":1030,"fields":{"name":"Cars","isDefault":"Y"}}`, `{"category":{"id":2,"sort":500,"isDefault":"Y","code":"","isSystem":"N"}}`},
		{"crm.category.get", `{"entityTypeId":1030,"id":1}`, `{"category":{"isDefault":"N"}}`},
		{"crm.category.get", `{"entityTypeId":2,"id":1}`, `!NOT_FOUND Element not found`},
		{"crm.category.delete", `{"entityTypeId":1030,"id":2}`, `!BX_ERROR This funnel is the default funnel`},
		{"crm.item.add", `{"entityTypeId":1030,"fields":{"title":"a","categoryId":1}}`, `{"item":{"id":1}}`},
		{"crm.category.delete", `{"entityTypeId":1030,"id":1}`, `!BX_ERROR Elements related to the funnel found`},
		{"crm.item.delete", `{"entityTypeId":1030,"id":1}`, `[]`},
		{"crm.category.delete", `{"entityTypeId":1030,"id":1}`, `null`},
		{"crm.status.add", `{"fields":{"ENTITY_ID":"DYNAMIC_1030_STAGE_2","STATUS_ID":"PAID","NAME":"Paid","SORT":35}}`, `148`},
		{"crm.status.entity.items", `{"entityId":"DYNAMIC_1030_STAGE_2"}`, `[{},{},{},{"STATUS_ID":"DT1030_2:PAID"},{},{}]`},
	})
}
