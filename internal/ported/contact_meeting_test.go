package ported_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
	"github.com/b24go/b24/internal/ported"
)

func TestAddMeeting(t *testing.T) {
	t.Parallel()
	p, hook := connect(t)
	p.Seed("crm.contact", b24.Params{"ID": 1, "NAME": "Klaus", "ASSIGNED_BY_ID": 61, "PHONE": "498001001020"})
	meeting := ported.Meeting{Subject: "Contract", Text: "Bring two copies", Start: time.Date(2030, 5, 20, 14, 0, 0, 0, time.UTC), Length: time.Hour}

	id, err := ported.AddMeeting(t.Context(), hook, "1", meeting)

	require.NoError(t, err)
	rows := p.Rows("crm.activity")
	require.Len(t, rows, 1)
	row := rows[0]
	assert.EqualValues(t, row["ID"], id)
	for field, value := range map[string]string{"SUBJECT": "Contract", "TYPE_ID": "1", "OWNER_TYPE_ID": "3", "OWNER_ID": "1", "RESPONSIBLE_ID": "61"} {
		assert.Equal(t, value, row[field], field)
	}
	assert.Contains(t, row["START_TIME"], "2030-05-20T")
}

func TestAddMeetingRefused(t *testing.T) {
	t.Parallel()
	p, hook := connect(t)
	p.Seed("crm.contact", b24.Params{"ID": 1, "NAME": "Klaus", "ASSIGNED_BY_ID": 61}, b24.Params{"ID": 2, "PHONE": "49", "ASSIGNED_BY_ID": 61})

	_, err := ported.AddMeeting(t.Context(), hook, "3", ported.Meeting{Subject: "x"})
	require.ErrorIs(t, err, b24.ErrNotFound)
	_, err = ported.AddMeeting(t.Context(), hook, "1", ported.Meeting{Subject: "x"})
	require.ErrorContains(t, err, "no phone")
	_, err = ported.AddMeeting(t.Context(), hook, "2", ported.Meeting{})
	require.ErrorContains(t, err, "SUBJECT")

	assert.Empty(t, p.Rows("crm.activity"))
}

func TestAddMeetingAfterLostAnswer(t *testing.T) {
	t.Parallel()
	p, hook := connect(t)
	p.Seed("crm.contact", b24.Params{"ID": 1, "ASSIGNED_BY_ID": 61, "PHONE": "49"})
	p.Fault("crm.activity.add", b24test.ResetAfter())

	_, err := ported.AddMeeting(t.Context(), hook, "1", ported.Meeting{Subject: "x", Start: time.Now(), Length: time.Hour})

	assert.True(t, b24.MayHaveExecuted(err))
	assert.Len(t, p.Rows("crm.activity"), 1, "it is not sent twice")
}
