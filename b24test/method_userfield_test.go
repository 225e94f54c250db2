package b24test_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// A number field that is added, listed in capitals, changed and deleted.
func TestCustomFields(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	number := `"entityId":"CRM_DEAL","userTypeId":"double"`
	walk(t, p, []step{
		{"userfieldconfig.add", `{"moduleId":"crm","field":{` + number + `,"fieldName":"UF_SUM"}}`, `!0 Incorrect field code`},
		{"userfieldconfig.add", `{"moduleId":"crm","field":{` + number + `,"fieldName":"UF_CRM_DEAL_sum"}}`, `!0 Field name contains invalid characters. Allowed characters are: A-Z, 0-9 and _.`},
		{"userfieldconfig.add", `{"moduleId":"crm","field":{"entityId":"CRM_DEAL","userTypeId":"colour","fieldName":"UF_CRM_DEAL_SUM"}}`, `!0 Incorrect custom type specified.`},
		{"userfieldconfig.add", `{"moduleId":"crm","field":{"entityId":"CRM_DEAL","userTypeId":"vote","fieldName":"UF_CRM_DEAL_SUM"}}`, `!0 You cannot create custom fields`},
		{"userfieldconfig.add", `{"moduleId":"crm","field":{"entityId":"CRM_9","userTypeId":"double","fieldName":"UF_CRM_9_SUM"}}`, `!0 You cannot create custom fields`},
		{"userfieldconfig.add", `{"moduleId":"tasks","field":{}}`, `!0 No settings for UserFieldAccess`},
		{"userfieldconfig.add", `{"field":{}}`, `!100 Could not find value for parameter {moduleId}`},
		{"userfieldconfig.add", `{"moduleId":"crm"}`, `!100 Could not find value for parameter {field}`},
		{
			"userfieldconfig.add", `{"moduleId":"crm","field":{` + number + `,"fieldName":"UF_CRM_DEAL_SUM","editFormLabel":{"en":"Sum","de":"Summe"},"showFilter":"Y","settings":{"PRECISION":15}}}`,
			`{"field":{"id":"1","fieldName":"UF_CRM_DEAL_SUM","multiple":"N","sort":"100","showFilter":"E","settings":{"PRECISION":12,"SIZE":20,"MIN_VALUE":0,"MAX_VALUE":0,"DEFAULT_VALUE":null},
				"languageId":{"en":"en","de":"de"},"editFormLabel":{"en":"Sum","de":"Summe"},"listColumnLabel":{"en":null,"de":null},"helpMessage":{"en":null,"de":null}}}`,
		},
		{"userfieldconfig.add", `{"moduleId":"crm","field":{` + number + `,"fieldName":"UF_CRM_DEAL_SUM"}}`, `!0 The field UF_CRM_DEAL_SUM for object CRM_DEAL already exists.`},
		{
			"crm.deal.userfield.list", `{"filter":{"USER_TYPE_ID":"double","LANG":"de"}}`,
			`[{"ID":"1","FIELD_NAME":"UF_CRM_DEAL_SUM","EDIT_FORM_LABEL":"Summe","LIST_COLUMN_LABEL":null,"SETTINGS":{"PRECISION":12,"SIZE":20}}]`,
		},
		{"crm.lead.userfield.list", `{}`, `[]`},
		{"crm.deal.userfield.list", `{"filter":{"USER_TYPE_ID":"string"}}`, `[]`},
		{"userfieldconfig.update", `{"moduleId":"crm","id":1,"field":{"fieldName":"UF_X","mandatory":"Y","multiple":"Y"}}`, `{"field":{"fieldName":"UF_CRM_DEAL_SUM","mandatory":"Y","multiple":"N","settings":{"PRECISION":12},"editFormLabel":{"de":"Summe"}}}`},
		{"userfieldconfig.update", `{"moduleId":"crm","id":1,"field":{"settings":{"SIZE":5},"editFormLabel":{"en":"Total"}}}`, `{"field":{"settings":{"PRECISION":0,"SIZE":5},"languageId":{"en":"en"},"editFormLabel":{"en":"Total"}}}`},
		{"userfieldconfig.update", `{"moduleId":"crm","id":2,"field":{}}`, `!0 You cannot change the settings of the user field`},
		{"userfieldconfig.get", `{"moduleId":"crm","id":1}`, `{"field":{"id":"1","mandatory":"Y"}}`},
		{"userfieldconfig.get", `{"moduleId":"catalog","id":1}`, `!0 You do not have permission to view user field settings`},
		{"crm.deal.fields", `{}`, `{"UF_CRM_DEAL_SUM":{"type":"double","isRequired":true,"formLabel":"Total","listLabel":"","settings":{"SIZE":5}}}`},
		{"userfieldconfig.delete", `{"moduleId":"crm","id":1}`, `null`},
		{"userfieldconfig.delete", `{"moduleId":"crm","id":1}`, `!0 You cannot delete the user field`},
		{"crm.deal.userfield.list", `{}`, `[]`},
	})
	assert.Empty(t, p.Rows("userfieldconfig"))
}

// Without a language there are no labels. A text that is sent as a label is dropped.
func TestCustomFieldLabels(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	add := `{"moduleId":"crm","field":{"entityId":"CRM_DEAL","userTypeId":"double","fieldName":"UF_CRM_DEAL_`
	walk(t, p, []step{
		{"userfieldconfig.add", add + `A","editFormLabel":{"en":"Sum","de":"Summe"},"listColumnLabel":{"en":"no"},"showInList":"N","errorMessage":{"en":"no"}}}`, `{"field":{"showInList":"Y","listColumnLabel":{"en":null},"errorMessage":{"en":null}}}`},
		{"userfieldconfig.add", add + `B","editFormLabel":"Sum","helpMessage":"Help"}}`, `{"field":{"languageId":{"":null},"editFormLabel":{"":null},"helpMessage":{"":null}}}`},
		{"crm.deal.userfield.list", `{"filter":{"LANG":"en"}}`, `[{"EDIT_FORM_LABEL":"Sum"},{"EDIT_FORM_LABEL":null}]`},
		{"userfieldconfig.list", `{"moduleId":"crm","order":{"id":"ASC"},"select":{"0":"*","language":"de"}}`, `{"fields":[
			{"id":"1","languageId":{"en":"de"},"editFormLabel":{"en":"Summe"},"listColumnLabel":null},{"id":"2","languageId":null,"editFormLabel":null}]}`},
		{"userfieldconfig.list", `{"moduleId":"crm","order":{"id":"ASC"},"select":{"language":"en"}}`, `{"fields":[{"editFormLabel":{"en":"Sum"},"settings":null},{"editFormLabel":null}]}`},
		{"userfieldconfig.list", `{"moduleId":"crm","select":["EDIT_FORM_LABEL"]}`, "!100 Unknown field definition `EDIT_FORM_LABEL` (EDIT_FORM_LABEL) for userfieldconfig Entity."},
		{"userfieldconfig.list", `{"moduleId":"catalog"}`, `{"fields":[]}`},
		{"userfieldconfig.list", `{"moduleId":"crm","filter":{"entityId":"CRM_NONE"}}`, `!0 You do not have permission to view user field settings`},
	})
	for _, body := range []string{`{"moduleId":"crm"}`, `{"moduleId":"crm","select":["*"]}`} {
		assert.NotContains(t, resultText(t, call(t, p, "userfieldconfig.list", body)), "editFormLabel")
	}
	assert.NotContains(t, resultText(t, call(t, p, "crm.deal.userfield.list", `{}`)), "EDIT_FORM_LABEL")
}

type colour struct {
	ID    b24.ID
	Value string
}

// An enumeration that a program adds holds values of its type from then on, until it is deleted.
func TestAddedEnumerationIsAFieldOfDeals(t *testing.T) {
	t.Parallel()
	ctx, c := t.Context(), connect(b24test.NewPortal(t, b24test.WithMemory()))
	type settings struct {
		ID   b24.ID
		Enum []colour
	}
	field, err := b24.Call[settings](ctx, c, "userfieldconfig.add", b24.Params{"moduleId": "crm", "field": b24.Params{
		"entityId": "CRM_DEAL", "fieldName": "UF_CRM_DEAL_COLOR", "userTypeId": "enumeration", "editFormLabel": map[string]string{"en": "Colour"},
		"enum": []b24.Params{{"value": "Blue", "sort": 20}, {"value": "Red", "sort": 10, "def": "Y"}},
	}}, b24.WithResultKey("field"))
	require.NoError(t, err)
	require.Len(t, field.Enum, 2)
	assert.Equal(t, []colour{{"2", "Red"}, {"1", "Blue"}}, field.Enum, "in the order of sort")

	items, err := b24.Call[[]colour](ctx, c, "crm.deal.fields", nil, b24.WithResultKey("UF_CRM_DEAL_COLOR", "items"))
	require.NoError(t, err)
	assert.Equal(t, field.Enum, items)
	label, err := b24.Call[string](ctx, c, "crm.item.fields", b24.Params{"entityTypeId": 2}, b24.WithResultKey("fields", "ufCrmDealColor", "title"))
	require.NoError(t, err)
	assert.Equal(t, "Colour", label)

	for _, item := range items {
		_, err := b24.Call[b24.ID](ctx, c, "crm.deal.add", b24.Params{"fields": b24.Params{"TITLE": item.Value, "UF_CRM_DEAL_COLOR": item.ID}})
		require.NoError(t, err)
	}
	titles := func(filter b24.Params) (titles []string) {
		for deal, err := range b24.List[struct{ Title string }](ctx, c, "crm.deal.list", b24.Params{"select": []string{"TITLE"}, "filter": filter}) {
			require.NoError(t, err)
			titles = append(titles, deal.Title)
		}
		return titles
	}
	assert.Equal(t, []string{"Blue"}, titles(b24.Params{"UF_CRM_DEAL_COLOR": 1}))

	field, err = b24.Call[settings](ctx, c, "userfieldconfig.update", b24.Params{"moduleId": "crm", "id": field.ID, "field": b24.Params{
		"userTypeId": "enumeration", "enum": []b24.Params{{"id": 1, "value": "Navy"}, {"value": "Green"}},
	}}, b24.WithResultKey("field"))
	require.NoError(t, err)
	assert.Equal(t, []colour{{"1", "Navy"}, {"3", "Green"}}, field.Enum, "an item that is not sent is deleted")

	_, err = c.CallMethod(ctx, "userfieldconfig.delete", b24.Params{"moduleId": "crm", "id": field.ID})
	require.NoError(t, err)
	fields, err := b24.Call[b24.Map[any]](ctx, c, "crm.deal.fields", nil)
	require.NoError(t, err)
	assert.NotContains(t, fields, "UF_CRM_DEAL_COLOR")
	_, err = c.CallMethod(ctx, "crm.deal.update", b24.Params{"id": 1, "fields": b24.Params{"UF_CRM_DEAL_COLOR": 1}})
	require.NoError(t, err, "a portal drops fields that it does not have")
	deal, err := b24.Call[b24.Map[any]](ctx, c, "crm.deal.get", b24.Params{"id": 1})
	require.NoError(t, err)
	assert.NotContains(t, deal, "UF_CRM_DEAL_COLOR", "its values are deleted too")
	assert.Len(t, titles(b24.Params{"UF_CRM_DEAL_COLOR": 1}), 2, "nor is it a condition")
}

// A field of a smart process has the id of its type in its name, not its entityTypeId.
func TestFieldsOfSmartProcesses(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	walk(t, p, []step{
		{"crm.type.add", `{"fields":{"title":"Cars","entityTypeId":130}}`, `{"type":{"id":1}}`},
		{"userfieldconfig.add", `{"moduleId":"crm","field":{"entityId":"CRM_130","userTypeId":"integer","fieldName":"UF_CRM_130_SEATS"}}`, `{"field":{"id":"1","entityId":"CRM_130"}}`},
		{"userfieldconfig.add", `{"moduleId":"crm","field":{"entityId":"CRM_1","userTypeId":"boolean","fieldName":"UF_CRM_1_NEW"}}`, `{"field":{"id":"2","settings":{"DISPLAY":"CHECKBOX","LABEL":["",""]}}}`},
		{"crm.item.add", `{"entityTypeId":130,"fields":{"ufCrm1New":"Y"}}`, `{"item":{"id":1,"ufCrm1New":"Y"}}`},
		{"crm.item.fields", `{"entityTypeId":130}`, `{"fields":{"ufCrm1New":{"type":"boolean","upperName":"UF_CRM_1_NEW"}}}`},
		{"userfieldconfig.list", `{"moduleId":"crm","filter":{"entityId":"CRM_1"}}`, `{"fields":[{"id":"2","fieldName":"UF_CRM_1_NEW"}]}`},
		{"crm.item.list", `{"entityTypeId":130,"filter":{"ufCrm1New":1}}`, `{"items":[{"id":1}]}`},
	})
}

// What a test defines can be changed and deleted like what a program adds.
func TestDefinedFieldsAreThoseOfTheMethods(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Define("crm.item:2", colours())
	p.Seed("crm.deal", b24.Params{"UF_CRM_COLOR": 2}, b24.Params{"TITLE": "none"})
	walk(t, p, []step{
		{"userfieldconfig.get", `{"moduleId":"crm","id":1}`, `{"field":{"entityId":"CRM_DEAL","showFilter":"E","editFormLabel":{"en":"Colour"},"enum":[
			{"id":"1","userFieldId":"1","value":"Red","def":"N","sort":"10"},{"id":"2","value":"Blue","sort":"20"}]}}`},
		{"crm.deal.userfield.update", `{"id":1,"fields":{"LIST":[{"ID":2,"VALUE":"Navy"},{"VALUE":"Green"}],"EDIT_FORM_LABEL":"Paint","MANDATORY":"y"}}`, `true`},
		{"crm.deal.fields", `{}`, `{"UF_CRM_COLOR":{"isRequired":true,"formLabel":"Paint","listLabel":"Colour","items":[{"ID":"1","VALUE":"Red"},{"ID":"2","VALUE":"Navy"},{"ID":"3","VALUE":"Green"}]}}`},
		{"crm.deal.list", `{"filter":{"UF_CRM_COLOR":2},"select":["UF_CRM_COLOR"]}`, `[{"UF_CRM_COLOR":"2"}]`},
		{"userfieldconfig.update", `{"moduleId":"crm","id":1,"field":{"enum":[]}}`, `{"field":{"enum":[{"id":"1"},{"id":"2"},{"id":"3"}]}}`}, // the type is missing
		{"userfieldconfig.update", `{"moduleId":"crm","id":1,"field":{"userTypeId":"enumeration"}}`, `{"field":{"enum":[]}}`},
		{
			"userfieldconfig.add", `{"moduleId":"crm","field":{"entityId":"CRM_DEAL","userTypeId":"enumeration","fieldName":"UF_CRM_DEAL_X","enum":[{"value":"a"},{"value":"b","xmlId":"x"},{"value":"c","xmlId":"x"}]}}`,
			`!0 List item with value XML_ID=x already exists.`,
		},
		{"userfieldconfig.get", `{"moduleId":"crm","id":2}`, `{"field":{"fieldName":"UF_CRM_DEAL_X","enum":[]}}`}, // it was added all the same
	})
	require.NotPanics(t, func() { p.Remove("userfieldconfig", 1) })
	assert.NotContains(t, p.Rows("crm.deal")[0], "UF_CRM_COLOR")
	p.Define("crm.deal", colours())
	p.Seed("crm.deal", b24.Params{"UF_CRM_COLOR": 5})
	assert.Len(t, p.Rows("crm.deal"), 3)
}

func TestOlderMethodsOfFields(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	walk(t, p, []step{
		{"crm.contact.userfield.add", `{"fields":{}}`, "!The 'USER_TYPE_ID' field is not found.\nThe 'FIELD_NAME' field is not found."},
		{"crm.contact.userfield.add", `{"fields":{"USER_TYPE_ID":"colour","FIELD_NAME":"X"}}`, "!ERROR_CORE Incorrect custom type specified."},
		{"crm.contact.userfield.add", `{"fields":{"USER_TYPE_ID":"enumeration","FIELD_NAME":"shoe size","LABEL":"Size"}}`, "!ERROR_CORE Field name contains invalid characters. Allowed characters are: A-Z, 0-9 and _."},
		{"crm.contact.userfield.add", `{"fields":{"USER_TYPE_ID":"enumeration","FIELD_NAME":"UF_size","LABEL":"Size","SHOW_FILTER":"Y","MULTIPLE":"y","EDIT_FORM_LABEL":{"de":"Maß"},
			"SETTINGS":{"DISPLAY":"ui","CAPTION_NO_VALUE":"x"},"LIST":[{"VALUE":" S ","SORT":30},{"VALUE":""},{"VALUE":"M","XML_ID":"m","DEF":"Y"}]}}`, `1`},
		{"crm.contact.userfield.get", `{"id":1}`, `{"ID":"1","ENTITY_ID":"CRM_CONTACT","FIELD_NAME":"UF_CRM_SIZE","MULTIPLE":"Y","SHOW_FILTER":"E","SORT":"100",
			"SETTINGS":{"DISPLAY":"UI","LIST_HEIGHT":1,"CAPTION_NO_VALUE":""},"EDIT_FORM_LABEL":{"de":"Maß","en":"Size","vn":"Size"},"HELP_MESSAGE":{"en":"Size"},
			"LIST":[{"ID":"1","VALUE":"S","SORT":"30","DEF":"N"},{"ID":"2","VALUE":"M","SORT":"500","DEF":"Y"}]}`},
		{"crm.contact.userfield.list", `{"order":{"ID":"desc"},"filter":{"LANG":"de",">ID":1}}`, `[{"ID":"1","EDIT_FORM_LABEL":"Maß","LIST":[{"XML_ID":"5d7654749de21fd48f564c5f8c4943be"},{"XML_ID":"m"}]}]`},
		{"userfieldconfig.get", `{"moduleId":"crm","id":1}`, `{"field":{"languageId":{"de":"de","en":"en"},"editFormLabel":{"de":"Maß"}}}`},
		{"crm.deal.userfield.get", `{"id":1}`, `!Access denied.`},
		{"crm.deal.userfield.get", `{"id":9}`, `!ERROR_NOT_FOUND The entity with ID '9' is not found.`},
		{"crm.contact.userfield.get", `{}`, `!ID is not defined or invalid.`},
		{"crm.contact.userfield.update", `{"id":1,"fields":{"LIST":[{"ID":1,"DEL":"Y"}],"SETTINGS":{"LIST_HEIGHT":3},"SORT":7}}`, `true`},
		{"crm.contact.userfield.get", `{"id":1}`, `{"SORT":"7","SETTINGS":{"DISPLAY":"UI","LIST_HEIGHT":3},"EDIT_FORM_LABEL":{"de":"Maß"},"LIST":[{"ID":"2"}]}`},
		{"crm.contact.add", `{"fields":{"NAME":"Ann","UF_CRM_SIZE":[2]}}`, `1`},
		{"crm.contact.get", `{"id":1}`, `{"UF_CRM_SIZE":["2"]}`},
		{"crm.contact.userfield.delete", `{"id":1}`, `true`},
		{"crm.contact.userfield.delete", `{"id":1}`, `!ERROR_NOT_FOUND The entity with ID '1' is not found.`},
		{"crm.requisite.userfield.add", `{"fields":{"USER_TYPE_ID":"integer","FIELD_NAME":"N"}}`, `2`},
		{"userfieldconfig.get", `{"moduleId":"crm","id":2}`, `!0 You do not have permission to view user field settings`},
		{"crm.requisite.fields", `{}`, `{"UF_CRM_N":{"type":"integer"}}`},
	})
	assert.NotContains(t, p.Rows("crm.contact")[0], "UF_CRM_SIZE")
}

func TestTypesOfFields(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	walk(t, p, []step{
		{"userfieldconfig.getTypes", `{"moduleId":"crm"}`, `{"types":{"enumeration":{"userTypeId":"enumeration","description":"List"}}}`},
		{"userfieldconfig.getTypes", `{"moduleId":"main"}`, `!0 No settings for UserFieldAccess`},
	})
	for kind, want := range map[string]string{
		"string": `{"SIZE":20,"ROWS":1,"REGEXP":"","MIN_LENGTH":0,"MAX_LENGTH":0,"DEFAULT_VALUE":""}`, "integer": `{"SIZE":20,"MIN_VALUE":0,"MAX_VALUE":0,"DEFAULT_VALUE":null}`,
		"date": `{"DEFAULT_VALUE":{"TYPE":"NONE","VALUE":""}}`, "employee": `{"DEFAULT_VALUE":[]}`, "crm": `{"LEAD":"Y"}`, "money": `{"DEFAULT_VALUE":""}`,
		"file": `{"SIZE":20,"LIST_WIDTH":0,"LIST_HEIGHT":0,"MAX_SHOW_SIZE":0,"MAX_ALLOWED_SIZE":0,"EXTENSIONS":[],"TARGET_BLANK":"Y","DEFAULT_VIEW":null}`,
	} {
		a := call(t, p, "userfieldconfig.add", `{"moduleId":"crm","field":{"entityId":"CRM_LEAD","userTypeId":"`+kind+`","fieldName":"UF_CRM_LEAD_`+string(rune('A'+len(p.Rows("userfieldconfig"))))+`"}}`)
		assert.Contains(t, a.Body, `"settings":`+want, kind)
	}
}
