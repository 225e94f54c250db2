package b24test_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// The methods about the contacts of a record change the same data as contactIds.
func TestContactsOfARecord(t *testing.T) {
	t.Parallel()
	for entity, typeID := range map[string]string{"crm.deal": "2", "crm.lead": "1", "crm.quote": "7"} {
		p := b24test.NewPortal(t, b24test.WithMemory())
		p.Seed(entity, b24.Params{"TITLE": "a", "CONTACT_ID": 5})
		items := entity + ".contact.items."
		walk(t, p, []step{
			{items + "get", `{"id":1}`, `[{"CONTACT_ID":5,"SORT":10,"ROLE_ID":0,"IS_PRIMARY":"Y"}]`},
			{items + "set", `{"id":1,"items":[{"CONTACT_ID":7,"SORT":30},{"CONTACT_ID":0},"x",{"CONTACT_ID":"6","SORT":20,"IS_PRIMARY":"Y"},{"CONTACT_ID":7,"SORT":5}]}`, `true`},
			{items + "get", `{"ID":1}`, `[{"CONTACT_ID":7,"SORT":5,"ROLE_ID":0,"IS_PRIMARY":"N"},{"CONTACT_ID":6,"SORT":20,"ROLE_ID":0,"IS_PRIMARY":"Y"}]`},
			{entity + ".contact.add", `{"id":1,"fields":{"CONTACT_ID":9}}`, `true`},
			{entity + ".contact.add", `{"id":1,"fields":{"CONTACT_ID":9}}`, `false`},
			{items + "get", `{"id":1}`, `[{"CONTACT_ID":7,"SORT":5,"ROLE_ID":0,"IS_PRIMARY":"N"},{"CONTACT_ID":6,"SORT":20,"ROLE_ID":0,"IS_PRIMARY":"Y"},{"CONTACT_ID":9,"SORT":30,"ROLE_ID":0,"IS_PRIMARY":"N"}]`},
			{entity + ".contact.add", `{"id":1,"fields":{"CONTACT_ID":10,"IS_PRIMARY":"Y","SORT":1}}`, `true`},
			{entity + ".contact.delete", `{"id":1,"fields":{"CONTACT_ID":6}}`, `true`},
			{entity + ".contact.delete", `{"id":1,"fields":{"CONTACT_ID":6}}`, `false`},
		})
		a := call(t, p, "crm.item.get", `{"entityTypeId":`+typeID+`,"id":1}`)
		assert.Equal(t, "[10 7 9]", jsonText(t, a, "result", "item", "contactIds"), entity)
		assert.Equal(t, "10", p.Rows(entity)[0]["CONTACT_ID"], entity)
		assert.NotContains(t, p.Rows(entity)[0], "CONTACT_ID.SORT")
		call(t, p, "crm.item.update", `{"entityTypeId":`+typeID+`,"id":1,"fields":{"contactIds":[3,7]}}`)
		walk(t, p, []step{
			{items + "get", `{"id":1}`, `[{"CONTACT_ID":7,"SORT":5,"ROLE_ID":0,"IS_PRIMARY":"Y"},{"CONTACT_ID":3,"SORT":10,"ROLE_ID":0,"IS_PRIMARY":"N"}]`},
			{items + "delete", `{"id":1}`, `true`},
			{items + "get", `{"id":1}`, `[]`},
			{items + "set", `{"id":1}`, `!The parameter items must be array.`},
			{items + "set", `{"id":8,"items":[]}`, `!Not found.`},
			{items + "get", `{}`, `!The parameter ownerEntityID is invalid or not defined.`},
			{entity + ".contact.add", `{"fields":{}}`, `!The parameter 'ownerEntityID' is invalid or not defined.`},
			{entity + ".contact.add", `{"id":1}`, `!The parameter 'fields' must be array.`},
			{entity + ".contact.add", `{"id":1,"fields":{"COMPANY_ID":1}}`, `!The parameter 'fields' is not valid.`},
			{entity + ".contact.delete", `{"id":1}`, `!The parameter 'item' must be array.`},
		})
		assert.Nil(t, p.Rows(entity)[0]["CONTACT_ID"])
	}
}

// Contacts and companies are linked by one table.
func TestContactsAndCompanies(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("crm.contact", b24.Params{"NAME": "a", "COMPANY_ID": 1}, b24.Params{"NAME": "b"})
	p.Seed("crm.company", b24.Params{"TITLE": "x"}, b24.Params{"TITLE": "y"})
	walk(t, p, []step{
		{"crm.company.contact.items.get", `{"id":1}`, `[{"CONTACT_ID":1,"SORT":10,"ROLE_ID":0,"IS_PRIMARY":"Y"}]`},
		{"crm.contact.company.add", `{"id":1,"fields":{"COMPANY_ID":2}}`, `true`},
		{"crm.contact.company.items.get", `{"id":1}`, `[{"COMPANY_ID":1,"SORT":10,"ROLE_ID":0,"IS_PRIMARY":"Y"},{"COMPANY_ID":2,"SORT":20,"ROLE_ID":0,"IS_PRIMARY":"N"}]`},
		{"crm.company.contact.items.get", `{"id":2}`, `[{"CONTACT_ID":1,"SORT":10,"ROLE_ID":0,"IS_PRIMARY":"N"}]`},
		{"crm.company.contact.items.set", `{"id":2,"items":[{"CONTACT_ID":1},{"CONTACT_ID":2}]}`, `true`},
		{"crm.contact.company.items.get", `{"id":2}`, `[{"COMPANY_ID":2,"SORT":10,"ROLE_ID":0,"IS_PRIMARY":"Y"}]`},
		{"crm.company.contact.items.delete", `{"id":1}`, `true`},
		{"crm.contact.company.items.get", `{"id":1}`, `[{"COMPANY_ID":2,"SORT":20,"ROLE_ID":0,"IS_PRIMARY":"Y"}]`},
		{"crm.contact.company.items.delete", `{"id":2}`, `true`},
		{"crm.company.contact.items.get", `{"id":2}`, `[{"CONTACT_ID":1,"SORT":10,"ROLE_ID":0,"IS_PRIMARY":"Y"}]`},
		{"crm.contact.company.items.get", `{"id":9}`, `[]`},
		{"crm.deal.contact.items.get", `{"id":9}`, `!Not found`},
	})
	assert.Equal(t, "2", p.Rows("crm.contact")[0]["COMPANY_ID"])
	a := call(t, p, "crm.deal.contact.fields", `{}`)
	assert.Equal(t, "integer", a.field(t, "result", "CONTACT_ID", "type"))
	assert.Equal(t, true, a.field(t, "result", "CONTACT_ID", "isRequired"))
}

func TestContactsOfADealThroughTheClient(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("crm.deal", b24.Params{"CONTACT_IDS": []int{4, 5}})
	c := clientOf(t, p)
	_, err := c.CallMethod(t.Context(), "crm.deal.contact.items.set", b24.Params{"id": 1, "items": []b24.Params{{"CONTACT_ID": 5}, {"CONTACT_ID": 6}}})
	require.NoError(t, err)
	r, err := c.CallMethod(t.Context(), "crm.deal.contact.items.get", b24.Params{"id": 1})
	require.NoError(t, err)
	var rows []struct {
		ID b24.Int `json:"CONTACT_ID"`
	}
	require.NoError(t, r.Decode(&rows))
	require.Len(t, rows, 2)
	assert.EqualValues(t, 6, rows[1].ID)
}
