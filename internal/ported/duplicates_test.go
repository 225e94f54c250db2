package ported_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/internal/ported"
)

func TestDuplicates(t *testing.T) {
	t.Parallel()
	p, hook := connect(t)
	p.SeedN("crm.lead", 25, func(int) b24.Params { return b24.Params{"TITLE": "Request", "PHONE": "+491701234567"} })
	p.Seed("crm.contact",
		b24.Params{"ID": 2693, "NAME": "Klaus", "LAST_NAME": "Weber", "PHONE": "+491701234567", "EMAIL": "duplicate@example.com"},
		b24.Params{"NAME": "By phone alone", "PHONE": "+491701234567"},
		b24.Params{"NAME": "Other", "PHONE": "+49170"},
	)
	p.Seed("crm.company", b24.Params{"ID": 3013, "TITLE": "Weber GmbH", "EMAIL": "duplicate@example.com"})

	found, err := ported.Duplicates(t.Context(), hook, "+491701234567", "duplicate@example.com")

	require.NoError(t, err)
	count := map[int]int{}
	for _, d := range found {
		count[d.EntityType]++
	}
	assert.Equal(t, map[int]int{1: 20, 3: 2, 4: 1}, count, "the portal finds at most 20 of a type")
	assert.Contains(t, found, ported.Duplicate{
		EntityType: 3, ID: "2693", Name: "Klaus", LastName: "Weber", Phone: "+491701234567", Email: "duplicate@example.com",
	})
}

func TestDuplicatesNone(t *testing.T) {
	t.Parallel()
	p, hook := connect(t)
	p.Seed("crm.contact", b24.Params{"NAME": "Klaus", "PHONE": ""})
	for _, by := range [][2]string{{"+4917", ""}, {"", "x@example.com"}, {"", ""}} {
		found, err := ported.Duplicates(t.Context(), hook, by[0], by[1])
		require.NoError(t, err)
		assert.Empty(t, found, by)
	}
	assert.Zero(t, p.Calls("crm.item.list"), "a filter with an empty list")
}
