package b24test_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/b24test"
)

// step is a call and what it answers: the result, or members of it, or behind an exclamation mark
// the code and the text of an error.
type step struct{ method, body, want string }

// walk makes calls one after another.
func walk(t *testing.T, p *b24test.Portal, steps []step) {
	t.Helper()
	for _, s := range steps {
		a := call(t, p, s.method, s.body)
		if text, isError := strings.CutPrefix(s.want, "!"); isError {
			var e struct {
				Code any    `json:"error"`
				Text string `json:"error_description"`
			}
			require.NoError(t, json.Unmarshal([]byte(a.Body), &e), a.Body)
			assert.Equal(t, text, strings.TrimSpace(e.Code.(string)+" "+e.Text), "%s %s", s.method, s.body)
			assert.GreaterOrEqual(t, a.Status, http.StatusBadRequest, s.method)
			continue
		}
		require.Equal(t, http.StatusOK, a.Status, "%s %s: %s", s.method, s.body, a.Body)
		var want, got any
		require.NoError(t, json.Unmarshal([]byte(s.want), &want), s.want)
		require.NoError(t, json.Unmarshal([]byte(resultText(t, a)), &got))
		assert.Equal(t, want, shaped(got, want), "%s %s", s.method, s.body)
	}
}

// shaped leaves the members of a value that another one has.
func shaped(got, want any) any {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return got
		}
		out := map[string]any{}
		for name := range w {
			if v, ok := g[name]; ok {
				out[name] = shaped(v, w[name])
			}
		}
		return out
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return got
		}
		out := make([]any, len(g))
		for i := range g {
			out[i] = shaped(g[i], w[i])
		}
		return out
	}
	return got
}
