package ported_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
	"github.com/b24go/b24/internal/ported"
)

func TestAddContact(t *testing.T) {
	t.Parallel()
	for _, phone := range []string{"", "+49 30 1"} {
		p, hook := connect(t)

		id, err := ported.AddContact(t.Context(), hook, ported.ContactForm{
			Preset: "5", Name: "Klaus", LastName: "Weber", INN: "7701", Phone: phone, City: "Berlin", Street: "Tiergartenstraße 17",
		})

		require.NoError(t, err)
		contact := p.Rows("crm.contact")[0]
		assert.EqualValues(t, contact["ID"], id)
		assert.Equal(t, phone != "", contact["PHONE"] != nil)
		requisite := p.Rows("crm.requisite")[0]
		assert.Equal(t, [3]any{"3", id.String(), "Klaus Weber"}, [3]any{requisite["ENTITY_TYPE_ID"], requisite["ENTITY_ID"], requisite["NAME"]})
		assert.Equal(t, requisite["ID"], p.Rows("crm.address")[0]["ENTITY_ID"])
	}
}

func TestAddContactRefused(t *testing.T) {
	t.Parallel()
	p, hook := connect(t)

	_, err := ported.AddContact(t.Context(), hook, ported.ContactForm{Preset: "1"})
	require.ErrorContains(t, err, "name")
	_, err = ported.AddContact(t.Context(), hook, ported.ContactForm{Preset: "99", Name: "Klaus"})
	require.Error(t, err)
	assert.Empty(t, p.Rows("crm.contact"))

	p.Fault("crm.address.add", b24test.Refuse(&b24.Error{Description: "TypeAddress exists."}))
	id, err := ported.AddContact(t.Context(), hook, ported.ContactForm{Preset: "1", Name: "Klaus"})
	require.ErrorContains(t, err, "TypeAddress exists.")
	assert.EqualValues(t, p.Rows("crm.contact")[0]["ID"], id, "the contact to go on with")
}
