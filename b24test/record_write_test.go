package b24test_test

import (
	"net/http"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// row is a row of an entity without the moments of its making and changing.
func row(t *testing.T, p *b24test.Portal, entity string, i int) b24.Params {
	t.Helper()
	rows := p.Rows(entity)
	require.Greater(t, len(rows), i, entity)
	for _, name := range []string{"DATE_CREATE", "DATE_MODIFY", "createdTime", "updatedTime", "createdDate", "changedDate", "CREATED", "LAST_UPDATED"} {
		delete(rows[i], name)
	}
	return rows[i]
}

func TestAClassicWriteDropsFieldsWithoutAWord(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("crm.contact", b24.Params{"ID": 1, "NAME": "Ann", "SEEDED": "s"})
	a := call(t, p, "crm.contact.add", `{"fields":{
		"ID":70,"NAME":"Bob","name":"no","Last_Name":"no","NO_SUCH":"no","TITLE":"no","CREATED_BY_ID":"5","HAS_PHONE":"Y","FULL_NAME":"no",
		"UF_CRM_7":"u","PARENT_ID_130":"3","SEEDED":"s","EMAILS":[]
	}}`)
	require.Equal(t, "2", resultText(t, a))
	got := row(t, p, "crm.contact", 1)
	for _, name := range []string{"name", "Last_Name", "NO_SUCH", "TITLE", "CREATED_BY_ID", "FULL_NAME", "EMAILS"} {
		assert.NotContains(t, got, name)
	}
	assert.NotEqual(t, "Y", got["HAS_PHONE"])
	for name, want := range map[string]string{"ID": "2", "NAME": "Bob", "UF_CRM_7": "u", "PARENT_ID_130": "3", "SEEDED": "s"} {
		assert.Equal(t, want, got[name], name)
	}
	a = call(t, p, "crm.contact.update", `{"id":2,"fields":{"NO_SUCH":"x","name":"x","NAME":"Bea","DATE_CREATE":"2001-01-01T00:00:00+00:00"}}`)
	require.Equal(t, "true", resultText(t, a))
	got = row(t, p, "crm.contact", 1)
	assert.Equal(t, "Bea", got["NAME"])
	assert.NotContains(t, got, "NO_SUCH")
	assert.NotContains(t, resultText(t, call(t, p, "crm.contact.get", `{"id":2}`)), "2001-01-01")
}

// What an add may write and an update may not.
func TestAnUpdateDropsWhatOnlyAnAddWrites(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	call(t, p, "crm.deal.add", `{"fields":{"TITLE":"x","CATEGORY_ID":3,"STAGE_ID":"C3:NEW"}}`)
	call(t, p, "crm.deal.update", `{"id":1,"fields":{"CATEGORY_ID":5,"STAGE_ID":"C5:NEW"}}`)
	assert.Equal(t, b24.Params{"ID": "1", "TITLE": "x", "CATEGORY_ID": "3", "STAGE_ID": "C5:NEW"}, row(t, p, "crm.deal", 0))
	call(t, p, "crm.activity.add", `{"fields":{"OWNER_ID":1,"OWNER_TYPE_ID":2,"TYPE_ID":1,"COMMUNICATIONS":[{}],"SUBJECT":"s","AUTHOR_ID":9}}`)
	call(t, p, "crm.activity.update", `{"id":1,"fields":{"OWNER_ID":2,"SUBJECT":"t"}}`)
	walk(t, p, []step{{"crm.activity.get", `{"id":1}`, `{"ID":"1","OWNER_ID":"1","SUBJECT":"t","AUTHOR_ID":"1"}`}})
}

// An entity that nobody documented takes what it is given.
func TestAnUndocumentedEntityTakesAnyField(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Define("crm.unheard")
	call(t, p, "crm.unheard.add", `{"fields":{"ANY":"x","any":"y"}}`)
	assert.Equal(t, b24.Params{"ID": "1", "ANY": "x", "any": "y"}, p.Rows("crm.unheard")[0])
}

// A body that the portal could not read is a call without parameters: a classic add then makes an empty record.
func TestAClassicAddWithoutFieldsMakesAnEmptyRecord(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	for i, body := range []string{`{}`, `{"fields":null}`, `{"fields":[]}`, `{"fields":{"TITLE":"cut`} {
		assert.Equal(t, strconv.Itoa(i+1), resultText(t, call(t, p, "crm.deal.add", body)), body)
	}
	assert.Equal(t, "true", resultText(t, call(t, p, "crm.deal.update", `{"id":1}`)))
	assert.Equal(t, b24.Params{"ID": "4", "CATEGORY_ID": "0"}, row(t, p, "crm.deal", 3))
}

func TestAnItemDropsFieldsWithoutAWord(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("crm.item:31", b24.Params{"id": 4, "title": "seeded", "ownField": "s"})
	a := call(t, p, "crm.item.add", `{"entityTypeId":31,"fields":{
		"title":"new","noSuch":"no","id":70,"createdBy":7,"CURRENCY_ID":"EUR","ownField":"s","ufCrm_17":"u","parentId130":3}}`)
	require.Equal(t, http.StatusOK, a.Status, a.Body)
	got := row(t, p, "crm.item:31", 1)
	for _, name := range []string{"noSuch", "createdBy", "NO_SUCH"} {
		assert.NotContains(t, got, name)
	}
	for name, want := range map[string]any{"title": "new", "currencyId": "EUR", "ownField": "s", "ufCrm_17": "u"} {
		assert.Equal(t, want, got[name], name)
	}
	assert.Equal(t, "5", jsonText(t, a, "result", "item", "id"))
	assert.Equal(t, "3", jsonText(t, a, "result", "item", "parentId130"))
	a = call(t, p, "crm.item.update", `{"entityTypeId":31,"id":5,"fields":{"noSuch":"x","title":"newer","updatedTime":"2001-01-01T00:00:00+00:00"}}`)
	assert.Equal(t, "newer", a.field(t, "result", "item", "title"))
	assert.NotContains(t, a.Body, "noSuch")
	assert.NotContains(t, a.Body, "2001-01-01")
}

// Tasks know their fields in capitals alone, and a task without a title is refused.
func TestATaskDropsFieldsWithoutAWord(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	for _, body := range []string{`{"fields":{}}`, `{"fields":{"title":"x","RESPONSIBLE_ID":1}}`, `{"fields":{"TITLE":" "}}`} {
		a := call(t, p, "tasks.task.add", body)
		assert.Equal(t, http.StatusBadRequest, a.Status, body)
		assert.Equal(t, "ERROR_CORE", a.field(t, "error"), body)
		assert.Contains(t, a.Body, "itle is not specified", body)
	}
	a := call(t, p, "tasks.task.add", `{"fields":{"TITLE":"x","RESPONSIBLE_ID":1,"NO_SUCH":"no","deadline":"no","UF_AUTO_1":"u","COMMENTS":"no"}}`)
	require.Equal(t, http.StatusOK, a.Status, a.Body)
	assert.Equal(t, b24.Params{"id": "1", "title": "x", "responsibleId": "1", "ufAuto1": "u"}, row(t, p, "tasks.task", 0))
	a = call(t, p, "tasks.task.update", `{"taskId":1,"fields":{"title":"no","NO_SUCH":"no","DESCRIPTION":"d"}}`)
	require.Equal(t, http.StatusOK, a.Status, a.Body)
	assert.Equal(t, b24.Params{"id": "1", "title": "x", "responsibleId": "1", "description": "d", "ufAuto1": "u"}, row(t, p, "tasks.task", 0))
	assert.Equal(t, "ERROR_CORE", call(t, p, "tasks.task.update", `{"taskId":1,"fields":{"TITLE":""}}`).field(t, "error"))
}

// What a portal says of its fields is what a write goes by.
func TestFieldsAreDocumented(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("crm.lead", b24.Params{"UF_CRM_1": "x"})
	a := call(t, p, "crm.lead.fields", `{}`)
	for _, tt := range []struct {
		field, kind                          string
		readOnly, immutable, several, custom bool
	}{
		{"ID", "integer", true, false, false, false},
		{"TITLE", "string", false, false, false, false},
		{"OPPORTUNITY", "double", false, false, false, false},
		{"OPENED", "char", false, false, false, false},
		{"DATE_CREATE", "datetime", true, false, false, false},
		{"PHONE", "crm_multifield", false, false, true, false},
		{"UF_CRM_1", "string", false, false, false, true},
	} {
		field, _ := a.field(t, "result", tt.field).(map[string]any)
		assert.Equal(t, []any{tt.kind, tt.readOnly, tt.immutable, tt.several, tt.custom},
			[]any{field["type"], field["isReadOnly"], field["isImmutable"], field["isMultiple"], field["isDynamic"]}, tt.field)
	}
	assert.Equal(t, true, call(t, p, "crm.deal.fields", `{}`).field(t, "result", "CATEGORY_ID", "isImmutable"))
	a = call(t, p, "crm.item.fields", `{"entityTypeId":1}`)
	assert.Equal(t, "STAGE_ID", a.field(t, "result", "fields", "stageId", "upperName"))
	assert.Equal(t, "UF_CRM_1", a.field(t, "result", "fields", "ufCrm_1", "upperName"))
	assert.Nil(t, a.field(t, "result", "fields", "statusId"))
	assert.NotContains(t, call(t, p, "crm.lead.fields", `{}`).Body, "OBSERVER_IDS")
	assert.Equal(t, "TITLE", call(t, p, "user.fields", `{}`).field(t, "result", "TITLE"))
}

func TestFieldsHaveDocumentedTypes(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	walk(t, p, []step{
		{"crm.deal.fields", `{}`, `{"STAGE_ID":{"type":"crm_status","statusType":"DEAL_STAGE"},"CONTACT_IDS":{"type":"crm_contact","isMultiple":true},
			"OPENED":{"type":"char"},"BEGINDATE":{"type":"date"},"TITLE":{"type":"string"},"CATEGORY_ID":{"type":"crm_category","isImmutable":true}}`},
		{"crm.item.fields", `{"entityTypeId":2}`, `{"fields":{"stageId":{"type":"crm_status","statusType":"DEAL_STAGE"},"opened":{"type":"boolean"}}}`},
	})
}
