package b24test_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

func TestCurrentUser(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	walk(t, p, []step{{"user.current", `{}`, `{"ID":"1","ACTIVE":true}`}})
	p.Seed("user", b24.Params{"ID": 1, "NAME": "Klaus"})
	walk(t, p, []step{{"user.current", `{}`, `{"ID":"1","NAME":"Klaus"}`}})
}

func TestOwnerTypes(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("crm.type", b24.Params{"id": 7, "entityTypeId": 177, "title": "Equipment"})

	all := resultText(t, call(t, p, "crm.enum.ownertype", `{}`))

	assert.Contains(t, all, `{"ID":2,"NAME":"Deal","SYMBOL_CODE":"DEAL","SYMBOL_CODE_SHORT":"D"}`)
	assert.Contains(t, all, `{"ID":177,"NAME":"Equipment","SYMBOL_CODE":"DYNAMIC_177","SYMBOL_CODE_SHORT":"Tb1"}`)
}

func TestFindByContact(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("crm.contact", b24.Params{"ID": 3, "PHONE": "+49 170 1", "EMAIL": "a@b"})
	p.Seed("crm.company", b24.Params{"ID": 4, "EMAIL": "A@b"})
	walk(t, p, []step{
		{"crm.duplicate.findbycomm", `{}`, `!Communication type is not defined.`},
		{"crm.duplicate.findbycomm", `{"type":"WEB","values":["x"]}`, `!Communication type 'WEB' is not supported in current context.`},
		{"crm.duplicate.findbycomm", `{"type":"PHONE","values":"+49"}`, `!Communication values is not defined.`},
		{"crm.duplicate.findbycomm", `{"type":"PHONE","values":["1"],"entity_type":"DEAL"}`, `!Deal is not supported in current context.`},
		{"crm.duplicate.findbycomm", `{"type":"PHONE","values":["+49170"]}`, `[]`},
		{"crm.duplicate.findbycomm", `{"type":"PHONE","values":["+491701"]}`, `{"CONTACT":[3]}`},
		{"crm.duplicate.findbycomm", `{"type":"PHONE","values":[491701]}`, `[]`},
		{"crm.duplicate.findbycomm", `{"type":"email","values":["a@b","A@B"]}`, `{"CONTACT":[3],"COMPANY":[4]}`},
		{"crm.duplicate.findbycomm", `{"type":"EMAIL","values":["a@b"],"entity_type":"company"}`, `{"COMPANY":[4]}`},
	})
}

// Leads with a phone hide the contacts that have it, unless the contacts are asked for alone.
func TestFindByContactLimit(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.SeedN("crm.lead", 21, func(int) b24.Params { return b24.Params{"PHONE": "1"} })
	p.Seed("crm.contact", b24.Params{"ID": 3, "PHONE": "1"})
	var ids []string
	for id := range 20 {
		ids = append(ids, strconv.Itoa(id+1))
	}
	walk(t, p, []step{
		{"crm.duplicate.findbycomm", `{"type":"PHONE","values":["1"]}`, `{"LEAD":[` + strings.Join(ids, ",") + `]}`},
		{"crm.duplicate.findbycomm", `{"type":"PHONE","values":["1"],"entity_type":"CONTACT"}`, `{"CONTACT":[3]}`},
	})
	assert.NotContains(t, resultText(t, call(t, p, "crm.duplicate.findbycomm", `{"type":"PHONE","values":["1"]}`)), "CONTACT")
}

func TestAddressFields(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	walk(t, p, []step{{"crm.address.fields", `{}`, `{"TYPE_ID":{"isRequired":true,"type":"integer"},"CITY":{"isRequired":false,"type":"string"}}`}})
}

// The first phone and e-mail of an item are returned if they are selected, and only then.
func TestFirstContactsOfItems(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("crm.contact", b24.Params{"ID": 3, "PHONE": []string{"1", "2"}})
	walk(t, p, []step{
		{"crm.item.list", `{"entityTypeId":3,"select":["id","phone","email"]}`, `{"items":[{"id":3,"phone":"1","email":null}]}`},
	})
	assert.NotContains(t, resultText(t, call(t, p, "crm.item.list", `{"entityTypeId":3}`)), `"phone"`)
}

// Of a phone neither its spelling nor the digits dialed before the code of the country count.
func TestFindByContactSpelling(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		stored, sought string
		same           bool
	}{
		{"+7 (900) 123-45-67", "8 900 123 45 67", true},
		{"8 (900) 123-45-67", "+79001234567", true},
		{"+49 30 1234567", "0049301234567", true},
		{"+49 30 1234567", "011 49 30 1234567", true},
		{"030 12345678", "30 12345678", true},
		{"+49 30 1234567;12", "+49301234567", true},
		{"+81 3 1234 5678", "81312345678", true},
		{"+81 3 1234 5678", "71312345678", false}, // Japan, not the Russian 8
		{"80012345678", "70012345678", false},
		{"8-900-12", "7-900-12", false}, // a short one has no code of a country
		{"+7 (900) 123-45-67", "9001234567", false},
	} {
		p := b24test.NewPortal(t, b24test.WithMemory())
		p.Seed("crm.contact", b24.Params{"ID": 3, "PHONE": tt.stored})
		want := `[]`
		if tt.same {
			want = `{"CONTACT":[3]}`
		}
		walk(t, p, []step{{"crm.duplicate.findbycomm", `{"type":"PHONE","values":["` + tt.sought + `"]}`, want}})
	}
}

// Of the values only those that differ count: spellings of a phone are one, those of an e-mail are
// not.
func TestFindByContactSameValues(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("crm.contact", b24.Params{"ID": 3, "PHONE": "1", "EMAIL": "a@b"})
	var phones, emails []string
	for i := range 20 {
		phones = append(phones, `"`+strings.Repeat("-", i)+`2"`)
		emails = append(emails, `"`+strings.Repeat(" ", i)+`x@y"`)
	}
	walk(t, p, []step{
		{"crm.duplicate.findbycomm", `{"type":"PHONE","values":[` + strings.Join(phones, ",") + `,"1"]}`, `{"CONTACT":[3]}`},
		{"crm.duplicate.findbycomm", `{"type":"EMAIL","values":[` + strings.Join(emails, ",") + `,"a@b"]}`, `[]`},
	})
}
