package ported_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
	"github.com/b24go/b24/internal/ported"
)

func TestAddItemTask(t *testing.T) {
	t.Parallel()
	p, hook := connect(t)
	seedProcess(p)

	id, err := ported.AddItemTask(t.Context(), hook, ported.ItemTask{Process: "Equipment procurement", Item: "Washing machine", Title: "Buy it", Responsible: "1"})

	require.NoError(t, err)
	rows := p.Rows("tasks.task")
	require.Len(t, rows, 1)
	assert.EqualValues(t, rows[0]["id"], id)
	assert.Equal(t, []any{"Tb1_19"}, rows[0]["ufCrmTask"])
}

func TestAddItemTaskRefused(t *testing.T) {
	t.Parallel()
	p, hook := connect(t)
	seedProcess(p)
	p.Seed("crm.item:177", b24.Params{"title": "Pump"}, b24.Params{"title": "Pump"})

	for _, names := range [][2]string{{"Equipment", "Washing machine"}, {"Equipment procurement", "Washing"}, {"Equipment procurement", "Pump"}} {
		_, err := ported.AddItemTask(t.Context(), hook, ported.ItemTask{Process: names[0], Item: names[1], Title: "Buy it", Responsible: "1"})
		require.ErrorContains(t, err, "are called")
	}
	_, err := ported.AddItemTask(t.Context(), hook, ported.ItemTask{Process: "Equipment procurement", Item: "Washing machine", Title: "", Responsible: "1"})
	require.ErrorIs(t, err, b24.ErrCore)

	assert.Empty(t, p.Rows("tasks.task"))
}

func TestAddItemTaskAfterLostAnswer(t *testing.T) {
	t.Parallel()
	p, hook := connect(t)
	seedProcess(p)
	p.Fault("tasks.task.add", b24test.ResetAfter())

	_, err := ported.AddItemTask(t.Context(), hook, ported.ItemTask{Process: "Equipment procurement", Item: "Washing machine", Title: "Buy it", Responsible: "1"})

	assert.True(t, b24.MayHaveExecuted(err))
	assert.Len(t, p.Rows("tasks.task"), 1, "it is not sent twice")
}
