package ported_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
	"github.com/b24go/b24/internal/ported"
)

func seedProcess(p *b24test.Portal) {
	p.Seed("crm.type",
		b24.Params{"id": 7, "entityTypeId": 177, "title": "Equipment procurement"},
		b24.Params{"id": 8, "entityTypeId": 156, "title": "Twice"}, b24.Params{"id": 9, "entityTypeId": 158, "title": "Twice"},
	)
	p.Seed("crm.item:177", b24.Params{"id": 19, "title": "Washing machine"})
}

func TestCommentItem(t *testing.T) {
	t.Parallel()
	p, hook := connect(t)
	seedProcess(p)

	id, err := ported.CommentItem(t.Context(), hook, "Equipment procurement", "19", "Confirm by e-mail!")

	require.NoError(t, err)
	rows := p.Rows("crm.timeline.comment")
	require.Len(t, rows, 1)
	assert.EqualValues(t, rows[0]["ID"], id)
	assert.Equal(t, "Confirm by e-mail!", rows[0]["COMMENT"])
	assert.Equal(t, "dynamic_177", rows[0]["ENTITY_TYPE"])
}

func TestCommentItemRefused(t *testing.T) {
	t.Parallel()
	p, hook := connect(t)
	seedProcess(p)

	_, err := ported.CommentItem(t.Context(), hook, "equipment", "19", "x")
	require.ErrorContains(t, err, "0 smart processes")
	_, err = ported.CommentItem(t.Context(), hook, "Twice", "19", "x")
	require.ErrorContains(t, err, "2 smart processes")
	_, err = ported.CommentItem(t.Context(), hook, "Equipment procurement", "20", "x")
	require.ErrorIs(t, err, b24.ErrNotFound)
	_, err = ported.CommentItem(t.Context(), hook, "Equipment procurement", "19", "")
	require.ErrorIs(t, err, b24.ErrInvalidArgValue)

	assert.Empty(t, p.Rows("crm.timeline.comment"))
}
