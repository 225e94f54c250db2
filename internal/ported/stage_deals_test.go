package ported_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
	"github.com/b24go/b24/internal/ported"
)

func TestStageDeals(t *testing.T) {
	t.Parallel()
	p, hook := connect(t)
	seedFunnels(p)
	p.Seed("user", b24.Params{"ID": 1, "NAME": "Anna", "LAST_NAME": "Fischer"})
	p.SeedN("crm.deal", 120, func(i int) b24.Params {
		return b24.Params{"TITLE": "Deal", "CATEGORY_ID": 7, "STAGE_ID": []string{"C7:NEW", "C7:WON"}[i%2], "ASSIGNED_BY_ID": 1 + i%4}
	})

	deals, err := ported.StageDeals(t.Context(), hook, "Renewal", "New")

	require.NoError(t, err)
	require.Len(t, deals, 60)
	assert.Equal(t, ported.StageDeal{ID: deals[0].ID, Title: "Deal", Responsible: "1", Name: "Anna Fischer"}, deals[0])
	assert.Equal(t, "3", deals[1].Name, "an employee who is gone")
}

func TestStageDealsNames(t *testing.T) {
	t.Parallel()
	p, hook := connect(t)
	seedFunnels(p)
	for _, names := range [][2]string{{"Renewal", "new"}, {"renewal", "New"}, {"General", "New"}, {"", ""}} {
		_, err := ported.StageDeals(t.Context(), hook, names[0], names[1])
		assert.ErrorContains(t, err, "0 stages", names)
	}
	p.Seed("crm.status", b24.Params{"ENTITY_ID": "DEAL_STAGE_7", "STATUS_ID": "C7:2", "NAME": "New"})
	_, err := ported.StageDeals(t.Context(), hook, "Renewal", "New")
	require.ErrorContains(t, err, "2 stages")
	assert.Zero(t, p.Calls("crm.item.list"))
}

func TestStageDealsEmpty(t *testing.T) {
	t.Parallel()
	p, hook := connect(t)
	seedFunnels(p)
	p.Fault("user.get", b24test.Refuse(&b24.Error{Code: "must not be called"}))

	deals, err := ported.StageDeals(t.Context(), hook, "Renewal", "Won")

	require.NoError(t, err)
	assert.Empty(t, deals)
}
