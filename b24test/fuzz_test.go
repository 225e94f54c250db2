package b24test_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/b24test"
)

func serve(t *testing.T, p *b24test.Portal, contentType, body string) answer {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/rest/1/"+p.Secret()+"/m", strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	return answer{w.Code, w.Header(), w.Body.String()}
}

// FuzzForm: whatever a form holds, the method runs and its echo is JSON again.
func FuzzForm(f *testing.F) {
	for _, seed := range []string{"a=1", "a[b][]=1&a[b][]=2", "a[b=1", "a[]c[=%zz", "[x]=1", "a[0]=1&a[-1]=2", "a[9223372036854775807]=1&a[]=2"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		p := b24test.NewPortal(t, b24test.WithMemory())
		p.Handle("m", func(req b24test.Request) (any, error) { return req.Params, nil })
		a := serve(t, p, "application/x-www-form-urlencoded", body)
		if a.Status == http.StatusForbidden {
			return // a parameter token
		}
		require.Equal(t, http.StatusOK, a.Status)
		require.True(t, json.Valid([]byte(a.Body)), a.Body)
	})
}

// FuzzText: text survives the way through a JSON body and back.
func FuzzText(f *testing.F) {
	for _, seed := range []string{"", "a/b", `<a href="x">'&'</a>`, "\u2028\x00\x7f", "я\U0001F600", "a\xffb"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p := b24test.NewPortal(t, b24test.WithMemory())
		p.Handle("m", func(req b24test.Request) (any, error) { return map[string]any{"x": req.Params["x"]}, nil })
		body, err := json.Marshal(map[string]any{"x": text})
		require.NoError(t, err)
		a := serve(t, p, "application/json", string(body))
		var got struct {
			Result struct {
				X string `json:"x"`
			} `json:"result"`
		}
		require.NoError(t, json.Unmarshal([]byte(a.Body), &got), a.Body)
		assert.Equal(t, string([]rune(text)), got.Result.X)
		assert.NotContains(t, a.Body, "</")
	})
}
