package b24_test

import (
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
)

// A query string cannot say true or false: a batch refuses them by name and says what to write.
func TestBatchRefusesABool(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)

	_, err := h.CallBatch(t.Context(), b24.Commands{{Method: "crm.deal.add", Params: b24.Params{"fields": b24.Params{"OPENED": false}}}})

	require.ErrorIs(t, err, b24.ErrInvalidParams)
	for _, said := range []string{"fields.OPENED", "b24.Bool", "1 or 0"} {
		require.ErrorContains(t, err, said)
	}
	assert.Empty(t, p.Requests())
}

// Chunks and streams send such a command as a call of its own, which carries the bool, and say so once
// for each method.
func TestBoolsGoAlone(t *testing.T) {
	t.Parallel()
	var sink logSink
	p, h := newPortal(t, b24.WithLogger(sink.logger(slog.LevelWarn)))
	echo(p)
	calls := echoes(6)
	calls[1].Params = b24.Params{"v": true}
	calls[4].Params = b24.Params{"v": b24.Params{"deep": []any{false}}}

	r, err := h.CallBatchByChunk(t.Context(), calls)

	require.NoError(t, err)
	assert.Equal(t, "true", string(r.At(1).Raw()))
	assert.JSONEq(t, `{"deep":[false]}`, string(r.At(4).Raw()))
	for row, err := range b24.StreamBatch(t.Context(), h, slices.Values(calls)) {
		require.NoError(t, err)
		assert.NotNil(t, row)
	}
	assert.Equal(t, 1, strings.Count(sink.String(), "b24: commands are sent one by one"), "%s", &sink)
	assert.Contains(t, sink.String(), `"method":"echo"`)
	assert.Contains(t, sink.String(), `"param":"v"`)
	assert.Contains(t, sink.String(), "b24.Bool")
	assert.NotContains(t, sink.String(), "nothing was sent")
}

// REST 3.0 carries its batches as JSON.
func TestBoolsOfREST3GoTogether(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.V3().Seed("tasks.task", b24.Params{"title": "a"})

	r, err := h.V3().CallBatch(t.Context(), b24.Commands{
		{Method: "tasks.task.update", Params: b24.Params{"id": 1, "fields": b24.Params{"allowsTimeTracking": false}}},
		{Method: "tasks.task.get", Params: b24.Params{"id": 1, "select": []string{"id", "allowsTimeTracking"}}},
	})

	require.NoError(t, err)
	assert.Contains(t, string(r.At(1).Raw()), `"allowsTimeTracking":false`)
	assert.Len(t, p.HTTPRequests(), 1)
}
