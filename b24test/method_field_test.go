package b24test_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/b24go/b24/b24test"
)

// A number field that is added, listed in capitals, changed and deleted.
func TestCustomFields(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	number := `"entityId":"CRM_DEAL","userTypeId":"double"`
	walk(t, p, []step{
		{"userfieldconfig.add", `{"moduleId":"crm","field":{` + number + `,"fieldName":"UF_SUM"}}`, `!Incorrect field code`},
		{"userfieldconfig.add", `{"moduleId":"crm","field":{` + number + `,"fieldName":"UF_CRM_DEAL_sum"}}`, `!Field name contains invalid characters`},
		{
			"userfieldconfig.add", `{"moduleId":"crm","field":{` + number + `,"fieldName":"UF_CRM_DEAL_SUM","editFormLabel":{"en":"Sum","de":"Summe"},"settings":{"PRECISION":15}}}`,
			`{"field":{"id":"1","fieldName":"UF_CRM_DEAL_SUM","multiple":"N","settings":{"PRECISION":12,"SIZE":20,"MIN_VALUE":0,"MAX_VALUE":0,"DEFAULT_VALUE":null}}}`,
		},
		{"userfieldconfig.add", `{"moduleId":"crm","field":{` + number + `,"fieldName":"UF_CRM_DEAL_SUM"}}`, `!The field UF_CRM_DEAL_SUM for object CRM_DEAL already exists.`},
		{
			"crm.deal.userfield.list", `{"filter":{"USER_TYPE_ID":"double","LANG":"de"}}`,
			`[{"ID":"1","FIELD_NAME":"UF_CRM_DEAL_SUM","EDIT_FORM_LABEL":"Summe","SETTINGS":{"PRECISION":12,"SIZE":20}}]`,
		},
		{"crm.lead.userfield.list", `{}`, `[]`},
		{"crm.deal.userfield.list", `{"filter":{"USER_TYPE_ID":"string"}}`, `[]`},
		{"userfieldconfig.update", `{"moduleId":"crm","id":1,"field":{"fieldName":"UF_X","mandatory":"Y"}}`, `{"field":{"fieldName":"UF_CRM_DEAL_SUM","mandatory":"Y","settings":{"PRECISION":12}}}`},
		{"userfieldconfig.update", `{"moduleId":"crm","id":1,"field":{"settings":{"SIZE":5}}}`, `{"field":{"settings":{"PRECISION":0,"SIZE":5}}}`},
		{"userfieldconfig.update", `{"moduleId":"crm","id":2,"field":{}}`, `!You cannot change the custom field settings`},
		{"userfieldconfig.get", `{"moduleId":"crm","id":1}`, `{"field":{"id":"1","mandatory":"Y"}}`},
		{"userfieldconfig.delete", `{"moduleId":"crm","id":1}`, `null`},
		{"crm.deal.userfield.list", `{}`, `[]`},
	})
	assert.Empty(t, p.Rows("userfieldconfig"))
}

// Without a language in the filter there are no labels.
func TestCustomFieldLabels(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	call(t, p, "userfieldconfig.add", `{"moduleId":"crm","field":{"entityId":"CRM_DEAL","userTypeId":"double","fieldName":"UF_CRM_DEAL_SUM","editFormLabel":{"en":"Sum"}}}`)

	assert.Contains(t, resultText(t, call(t, p, "crm.deal.userfield.list", `{"filter":{"LANG":"en"}}`)), `"EDIT_FORM_LABEL":"Sum"`)
	assert.NotContains(t, resultText(t, call(t, p, "crm.deal.userfield.list", `{}`)), "Sum")
}
