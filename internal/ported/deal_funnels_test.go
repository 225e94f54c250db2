package ported_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
	"github.com/b24go/b24/internal/ported"
)

// seedFunnels makes a second funnel with two stages.
func seedFunnels(p *b24test.Portal) {
	p.Seed("crm.category", b24.Params{"id": 7, "entityTypeId": 2, "name": "Renewal", "sort": 500})
	p.Seed("crm.status",
		b24.Params{"ENTITY_ID": "DEAL_STAGE_7", "STATUS_ID": "C7:WON", "NAME": "Won", "SORT": 20, "EXTRA": b24.Params{"SEMANTICS": "success"}},
		b24.Params{"ENTITY_ID": "DEAL_STAGE_7", "STATUS_ID": "C7:NEW", "NAME": "New", "SORT": 10, "EXTRA": b24.Params{"SEMANTICS": "process"}},
		b24.Params{"ENTITY_ID": "DEAL_STAGE", "STATUS_ID": "EXECUTING", "NAME": "Approval", "SORT": 35, "EXTRA": b24.Params{"SEMANTICS": "process"}},
	)
}

func TestDealFunnels(t *testing.T) {
	t.Parallel()
	p, hook := connect(t)
	seedFunnels(p)

	got, err := ported.DealFunnels(t.Context(), hook)

	require.NoError(t, err)
	require.Len(t, got, 2)
	assert.EqualValues(t, "0", got[0].ID)
	assert.Contains(t, got[0].Stages, ported.Stage{ID: "EXECUTING", Name: "Approval", Semantics: "process"})
	assert.Equal(t, ported.Funnel{ID: "7", Name: "Renewal", Stages: []ported.Stage{
		{ID: "C7:NEW", Name: "New", Semantics: "process"}, {ID: "C7:WON", Name: "Won", Semantics: "success"},
	}}, got[1])
}

func TestDealFunnelsAfterLostAnswer(t *testing.T) {
	t.Parallel()
	p, hook := connect(t)
	seedFunnels(p)
	p.Fault("crm.status.list", b24test.ResetAfter())

	got, err := ported.DealFunnels(t.Context(), hook)

	require.NoError(t, err)
	assert.Len(t, got[1].Stages, 2)
}

func TestDealFunnelsRefused(t *testing.T) {
	t.Parallel()
	p, hook := connect(t)
	p.Fault("crm.status.list", b24test.Refuse(&b24.Error{Code: "ACCESS_DENIED", Description: "Access denied."}))

	_, err := ported.DealFunnels(t.Context(), hook)

	assert.ErrorIs(t, err, b24.Code("ACCESS_DENIED"))
}
