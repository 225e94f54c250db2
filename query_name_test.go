package b24_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
)

// The answers of batches and streams say by what name their commands were called, also where these failed or were not sent.
func TestAnswersNameTheirCommands(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	answers(p, "profile", 1)
	commands := b24.Commands{
		{Name: "me", Method: "profile"},
		{Name: "none", Method: "no.such.method"},
		{Method: "profile"},
		{Name: "alone", Method: "profile", Params: b24.Params{"a": nil}},
		{Name: "bad", Method: "profile", Params: make(chan int)},
	}
	want := []string{"me", "none", "", "alone", "bad"}

	r, err := h.CallBatchByChunk(t.Context(), commands[:4], b24.WithHaltOnError(false))
	require.Error(t, err)
	var got []string
	for _, row := range r.All() {
		got = append(got, row.Query().Name)
	}
	assert.Equal(t, want[:4], got)

	// Those of a stream may be equal, for they go over different requests.
	for _, c := range []b24.Client{h, h.V3()} {
		got = nil
		for row := range b24.StreamBatch(t.Context(), c, slices.Values(slices.Repeat(commands, 20)), b24.WithHaltOnError(false)) {
			got = append(got, row.Query().Name)
		}
		assert.Equal(t, slices.Repeat(want, 20), got)
	}

	call, err := h.CallMethod(t.Context(), "profile", nil)
	require.NoError(t, err)
	assert.Empty(t, call.Query().Name)
	q := r.At(0).Query()
	text, err := json.Marshal(q)
	require.NoError(t, err)
	assert.Contains(t, string(text), `"name":"me"`)
	assert.Contains(t, fmt.Sprint(q), `"me" profile {}`)
}

// A name that holds the secret is not shown, where it is not refused.
func TestNamesOfAStreamLeakNothing(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	answers(p, "profile", 1)
	var seen leaks
	for row, err := range b24.StreamBatch(t.Context(), h, slices.Values(b24.Commands{{Name: "of " + marker, Method: "profile"}, {Name: marker, Method: "no.such"}})) {
		seen.add(t, row)
		seen.ask(t, row.Query())
		seen.addError(t, err)
	}
	seen.check(t, marker)
	for _, r := range p.Requests() {
		assert.NotContains(t, fmt.Sprint(r.Params), marker)
	}
}
