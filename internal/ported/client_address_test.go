package ported_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
	"github.com/b24go/b24/internal/ported"
)

func seedAddresses(p *b24test.Portal) {
	p.Seed("crm.contact", b24.Params{"ID": 2429})
	p.Seed("crm.requisite",
		b24.Params{"ID": 361, "ENTITY_TYPE_ID": 3, "ENTITY_ID": 2429}, b24.Params{"ID": 362, "ENTITY_TYPE_ID": 3, "ENTITY_ID": 2429},
		b24.Params{"ID": 363, "ENTITY_TYPE_ID": 4, "ENTITY_ID": 2429},
	)
	p.Seed("crm.address",
		b24.Params{"TYPE_ID": 1, "ENTITY_TYPE_ID": 8, "ENTITY_ID": 361, "ADDRESS_1": "Tiergartenstraße 17", "ADDRESS_2": nil, "CITY": "Berlin", "POSTAL_CODE": "10785"},
		b24.Params{"TYPE_ID": 11, "ENTITY_TYPE_ID": 8, "ENTITY_ID": 361, "CITY": "Bonn"},
		b24.Params{"TYPE_ID": 1, "ENTITY_TYPE_ID": 8, "ENTITY_ID": 362, "CITY": "Ulm"},
		b24.Params{"TYPE_ID": 1, "ENTITY_TYPE_ID": 8, "ENTITY_ID": 363, "CITY": "Of the company"},
		b24.Params{"TYPE_ID": 1, "ENTITY_TYPE_ID": 1, "ENTITY_ID": 361, "CITY": "Of a lead"},
	)
}

func TestClientAddresses(t *testing.T) {
	t.Parallel()
	p, hook := connect(t)
	seedAddresses(p)

	addresses, err := ported.ClientAddresses(t.Context(), hook, 3, "2429")

	require.NoError(t, err)
	var texts []string
	for _, a := range addresses {
		texts = append(texts, string(a.Type)+" "+a.String())
	}
	assert.ElementsMatch(t, []string{"1 Tiergartenstraße 17, Berlin, 10785", "11 Bonn", "1 Ulm"}, texts)
}

func TestClientAddressesNone(t *testing.T) {
	t.Parallel()
	p, hook := connect(t)
	seedAddresses(p)

	addresses, err := ported.ClientAddresses(t.Context(), hook, 3, "1")
	require.NoError(t, err)
	assert.Empty(t, addresses)
	assert.Zero(t, p.Calls("crm.address.list"))

	p.Fault("crm.address.list", b24test.Refuse(&b24.Error{Description: "Access denied."}))
	_, err = ported.ClientAddresses(t.Context(), hook, 3, "2429")
	require.ErrorContains(t, err, "Access denied.")
}
