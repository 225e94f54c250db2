package b24_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/b24go/b24"
)

func TestEntityTypeID(t *testing.T) {
	t.Parallel()
	kinds := []struct {
		id   b24.EntityTypeID
		want int
		name string
	}{
		{b24.EntityLead, 1, "LEAD"},
		{b24.EntityDeal, 2, "DEAL"},
		{b24.EntityContact, 3, "CONTACT"},
		{b24.EntityCompany, 4, "COMPANY"},
		{b24.EntityInvoice, 5, "INVOICE"},
		{b24.EntityQuote, 7, "QUOTE"},
		{b24.EntityRequisite, 8, "REQUISITE"},
		{b24.EntityOrder, 14, "ORDER"},
		{b24.EntitySmartInvoice, 31, "SMART_INVOICE"},
		{1038, 1038, "DYNAMIC_1038"},
	}
	for _, k := range kinds {
		assert.Equal(t, k.want, int(k.id))
		assert.Equal(t, k.name, k.id.String())
		checkSpellings(t, b24.EntityTypeID(9), []spelling[b24.EntityTypeID]{{`"` + k.name + `"`, k.id}})
	}
	assert.Equal(t, "0", b24.EntityTypeID(0).String())
	assert.Equal(t, "99", b24.EntityTypeID(99).String())
}

func TestEntityTypeIDDecode(t *testing.T) {
	t.Parallel()
	checkSpellings(t, b24.EntityTypeID(9), []spelling[b24.EntityTypeID]{
		{`2`, b24.EntityDeal},
		{`"2"`, b24.EntityDeal},
		{`" 31 "`, b24.EntitySmartInvoice},
		{`"deal"`, b24.EntityDeal},
		{`"Dynamic_177"`, 177},
		{`null`, 0},
		{`""`, 0},
		{`false`, 0},
		{`0`, 0},
	})
	checkRefused(t, "EntityTypeID", b24.EntityTypeID(9), `"abc"`, `"DYNAMIC_"`, `"DYNAMIC_5"`, `-1`, `2.5`, `5000000000`, `true`, `[2]`)
	checkEncoded(t, map[b24.EntityTypeID]b24.EntityTypeID{b24.EntityDeal: 177}, `{"2":177}`)
}
