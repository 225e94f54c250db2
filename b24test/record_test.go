package b24test_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// The older methods and crm.item.* have one set of records, with names and values of their own.
func TestRecordsAreToldInTwoWays(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("crm.lead", b24.Params{
		"ID": 5, "TITLE": "Lead", "STATUS_ID": "NEW", "OPPORTUNITY": "15000.00", "OPENED": "Y", "ASSIGNED_BY_ID": "6", "CREATED_BY_ID": 1,
		"DATE_CREATE": "2024-01-02T03:00:00+03:00", "DATE_MODIFY": "2024-02-02T03:00:00+03:00", "COMPANY_ID": "0", "LAST_NAME": nil,
		"UF_CRM_1_X": "x", "UF_CRM_1720019876534": 7, "CONTACT_IDS": []any{"3", "4"},
	})
	want := `{"id":5,"assignedById":6,"companyId":0,"contactIds":[3,4],"createdBy":1,"createdTime":"2024-01-02T03:00:00+03:00","fm":[],
		"hasEmail":"N","hasImol":"N","hasPhone":"N","lastName":null,
		"opened":"Y","opportunity":15000,"stageId":"NEW","title":"Lead","ufCrm1X":"x","ufCrm_1720019876534":7,"updatedTime":"2024-02-02T03:00:00+03:00"}`
	a := call(t, p, "crm.item.get", `{"entityTypeId":1,"id":5}`)
	require.Equal(t, http.StatusOK, a.Status, a.Body)
	assert.JSONEq(t, `{"item":`+want+`}`, resultText(t, a))
	a = call(t, p, "crm.item.list", `{"entityTypeId":1,"filter":{"stageId":"NEW",">createdTime":"2024-01-01T00:00:00+00:00","ufCrm1X":"x"},"order":{"updatedTime":"ASC"}}`)
	assert.JSONEq(t, `{"items":[`+want+`]}`, resultText(t, a))
	a = call(t, p, "crm.item.list", `{"entityTypeId":1,"select":["id","stageId","UF_CRM_1_X","createdTime"],"useOriginalUfNames":"Y"}`)
	assert.JSONEq(t, `{"items":[{"id":5,"stageId":"NEW","UF_CRM_1_X":"x","createdTime":"2024-01-02T03:00:00+03:00"}]}`, resultText(t, a))

	p.Seed("crm.item:1", b24.Params{"id": 9, "title": "Item", "stageId": "JUNK", "opportunity": 99.5, "opened": false, "assignedById": 2, "ufCrm1X": "y"})
	a = call(t, p, "crm.lead.get", `{"id":9}`)
	require.Equal(t, http.StatusOK, a.Status, a.Body)
	assert.JSONEq(t, `{"ID":"9","ASSIGNED_BY_ID":"2","HAS_EMAIL":"N","HAS_IMOL":"N","HAS_PHONE":"N","OPENED":"N","OPPORTUNITY":"99.5","STATUS_ID":"JUNK","TITLE":"Item","UF_CRM_1_X":"y"}`, resultText(t, a))
	assert.Equal(t, []string{"9"}, call(t, p, "crm.lead.list", `{"filter":{"UF_CRM_1_X":"y","OPENED":"N"}}`).ids(t, "ID", "result"))
	assert.Len(t, p.Rows("crm.lead"), 2)
	assert.Len(t, p.Rows("crm.item:1"), 2)
	assert.Empty(t, p.Rows("crm.item:2"))
}

// What one way adds, changes and deletes is added, changed and deleted for the other.
func TestRecordsAreWrittenInTwoWays(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		typeID, entity     string
		item, classic      string // the same field
		itemValue, written string // and its value
	}{
		{"1", "crm.lead", "stageId", "STATUS_ID", `"NEW"`, `"JUNK"`},
		{"2", "crm.deal", "closedate", "CLOSEDATE", `"2024-01-02T00:00:00+00:00"`, `"2024-02-02T00:00:00+00:00"`},
		{"3", "crm.contact", "lastName", "LAST_NAME", `"Weber"`, `"Meier"`},
		{"4", "crm.company", "typeId", "COMPANY_TYPE", `"CUSTOMER"`, `"SUPPLIER"`},
		{"7", "crm.quote", "stageId", "STATUS_ID", `"DRAFT"`, `"SENT"`},
	} {
		p := b24test.NewPortal(t, b24test.WithMemory())
		a := call(t, p, tt.entity+".add", `{"fields":{"`+tt.classic+`":`+tt.itemValue+`}}`)
		require.Equal(t, "1", resultText(t, a), tt.entity)
		a = call(t, p, "crm.item.get", `{"entityTypeId":`+tt.typeID+`,"id":1}`)
		assert.Equal(t, tt.itemValue, `"`+jsonText(t, a, "result", "item", tt.item)+`"`, tt.entity)
		assert.NotEqual(t, "<nil>", jsonText(t, a, "result", "item", "createdTime"), tt.entity)

		a = call(t, p, "crm.item.update", `{"entityTypeId":`+tt.typeID+`,"id":1,"fields":{"`+tt.item+`":`+tt.written+`}}`)
		require.Equal(t, http.StatusOK, a.Status, a.Body)
		a = call(t, p, tt.entity+".get", `{"id":1}`)
		assert.Equal(t, tt.written, `"`+jsonText(t, a, "result", tt.classic)+`"`, tt.entity)

		a = call(t, p, "crm.item.add", `{"entityTypeId":`+tt.typeID+`,"fields":{"`+tt.item+`":`+tt.itemValue+`}}`)
		assert.Equal(t, "2", jsonText(t, a, "result", "item", "id"), "%s: the next id of both", tt.entity)
		assert.Equal(t, []string{"1", "2"}, call(t, p, tt.entity+".list", `{}`).ids(t, "ID", "result"), tt.entity)

		require.Equal(t, "true", resultText(t, call(t, p, tt.entity+".delete", `{"id":1}`)))
		assert.Equal(t, "NOT_FOUND", call(t, p, "crm.item.get", `{"entityTypeId":`+tt.typeID+`,"id":1}`).field(t, "error"), tt.entity)
		require.Equal(t, "[]", resultText(t, call(t, p, "crm.item.delete", `{"entityTypeId":`+tt.typeID+`,"id":2}`)))
		assert.Empty(t, p.Rows(tt.entity), tt.entity)
	}
}

// Where crm.item.* has a name of its own, it does not take that of the older methods.
func TestAnItemIsNotWrittenByTheNamesOfOlderMethods(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	call(t, p, "crm.item.add", `{"entityTypeId":1,"fields":{
		"title":"x","statusId":"NEW","STATUS_ID":"NEW","UF_CRM_1_X":"no","ufCrm2Y":"yes","ASSIGNED_BY_ID":5,"dateCreate":"2001-01-01T00:00:00+00:00"}}`)
	got := row(t, p, "crm.lead", 0)
	for _, name := range []string{"STATUS_ID", "UF_CRM_1_X"} {
		assert.NotContains(t, got, name)
	}
	assert.Equal(t, "yes", got["UF_CRM_2_Y"])
	assert.Equal(t, "5", got["ASSIGNED_BY_ID"])
	call(t, p, "crm.item.update", `{"entityTypeId":1,"id":1,"useOriginalUfNames":"Y","fields":{"UF_CRM_1_X":"yes","ufCrm2Y":"too"}}`)
	got = row(t, p, "crm.lead", 0)
	assert.Equal(t, []any{"yes", "too"}, []any{got["UF_CRM_1_X"], got["UF_CRM_2_Y"]})
}

// crm.item.* tells and takes fields that the older methods do not know, and leaves alone some that they take.
func TestFieldsThatItemsAloneHave(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	a := call(t, p, "crm.item.add", `{"entityTypeId":3,"fields":{"name":"x","observers":[1,2],"categoryId":15,"leadId":7,"addressCity":"no"}}`)
	require.Equal(t, http.StatusOK, a.Status, a.Body)
	for path, want := range map[string]string{"observers": "[1 2]", "categoryId": "15", "leadId": "7", "addressCity": "<nil>"} {
		assert.Equal(t, want, jsonText(t, a, "result", "item", path))
	}
	for _, name := range []string{"OBSERVER_IDS", "CATEGORY_ID"} {
		assert.NotContains(t, call(t, p, "crm.contact.get", `{"id":1}`).Body, name)
	}
	call(t, p, "crm.contact.update", `{"id":1,"fields":{"CATEGORY_ID":16,"LEAD_ID":8,"ADDRESS_CITY":"Berlin"}}`)
	a = call(t, p, "crm.item.get", `{"entityTypeId":3,"id":1}`)
	assert.Equal(t, []string{"15", "7", "Berlin"},
		[]string{jsonText(t, a, "result", "item", "categoryId"), jsonText(t, a, "result", "item", "leadId"), jsonText(t, a, "result", "item", "addressCity")})
	call(t, p, "crm.item.add", `{"entityTypeId":2,"fields":{"title":"x","closed":"Y"}}`)
	call(t, p, "crm.item.update", `{"entityTypeId":2,"id":1,"fields":{"categoryId":3}}`)
	assert.Equal(t, b24.Params{"ID": "1", "TITLE": "x", "CATEGORY_ID": "3"}, row(t, p, "crm.deal", 0), "a deal may move to another category that way")
}

func TestGeneratedRecordsAreToldInTwoWays(t *testing.T) {
	t.Parallel()
	for _, seeded := range []string{"crm.deal", "crm.item:2"} {
		p := b24test.NewPortal(t, b24test.WithMemory())
		p.SeedN(seeded, 120, func(int) b24.Params {
			if seeded == "crm.deal" {
				return b24.Params{"TITLE": "x", "ASSIGNED_BY_ID": "7", "UF_CRM_1": "u"}
			}
			return b24.Params{"title": "x", "assignedById": 7, "ufCrm_1": "u"}
		}, b24test.Generated())
		a := call(t, p, "crm.item.list", `{"entityTypeId":2,"filter":{">id":118,"assignedById":7},"order":{"id":"ASC"},"select":["id","title","assignedById","ufCrm_1"]}`)
		assert.JSONEq(t, `{"items":[{"id":119,"title":"x","assignedById":7,"ufCrm_1":"u"},{"id":120,"title":"x","assignedById":7,"ufCrm_1":"u"}]}`, resultText(t, a), seeded)
		a = call(t, p, "crm.deal.list", `{"filter":{">ID":119,"ASSIGNED_BY_ID":7},"select":["ID","TITLE","ASSIGNED_BY_ID","UF_CRM_1"]}`)
		assert.JSONEq(t, `[{"ID":"120","TITLE":"x","ASSIGNED_BY_ID":"7","UF_CRM_1":"u"}]`, resultText(t, a), seeded)
		call(t, p, "crm.item.update", `{"entityTypeId":2,"id":120,"fields":{"title":"y"}}`)
		assert.Equal(t, []string{"120"}, call(t, p, "crm.deal.list", `{"filter":{"TITLE":"y"}}`).ids(t, "ID", "result"), seeded)
	}
}

// Rows are removed through either name.
func TestRemoveFindsRecordsByEitherName(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.SeedN("crm.deal", 2, nil)
	p.Remove("crm.item:2", 1)
	assert.Len(t, p.Rows("crm.deal"), 1)
	p.Remove("crm.deal", 2)
	assert.Empty(t, p.Rows("crm.item.list:2"))
}
