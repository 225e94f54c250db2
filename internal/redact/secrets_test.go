package redact_test

import (
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/internal/redact"
)

func TestSecretsText(t *testing.T) {
	t.Parallel()
	s := redact.New("", "x", "short", "s3cret", "s3cret-and-more", "p@ss w/rd", "ключ+ключ")
	tests := []struct{ name, in, want string }{
		{"nothing", "a text, short as x", "a text, short as x"},
		{"raw", "a s3cret b", "a *** b"},
		{"inside a word", "as3cretb", "a***b"},
		{"repeated", "s3crets3cret s3cret", "****** ***"},
		{"the longer one", "s3cret-and-more", "***"},
		{"letter case", "S3CRET", "***"},
		{"raw, special characters", "a p@ss w/rd b", "a *** b"},
		{"escaped for a path", "a " + url.PathEscape("p@ss w/rd") + " b", "a *** b"},
		{"escaped for a query", "a " + url.QueryEscape("p@ss w/rd") + " b", "a *** b"},
		{"escaped twice", "a " + url.QueryEscape(url.PathEscape("p@ss w/rd")) + " b", "a *** b"},
		{"escaped in small letters", "a p%40ss%20w%2frd b", "a *** b"},
		{"escaped more than needed", "a %733cre%74 b", "a *** b"},
		{"escaped for JSON", `a p@ss w\/rd \u0073\u0033cret b`, "a *** *** b"},
		{"not ASCII", "a ключ+ключ " + url.QueryEscape("ключ+ключ") + " b", "a *** *** b"},
		{"escaped for HTML", "a " + html.EscapeString("p@ss w/rd") + " b", "a *** b"},
		{"cut off", "a s3cret-and-m", "a ***"},
		{"cut off, encoded", "a p%40ss%20w", "a ***"},
		{"cut off early", "a s3cre", "a s3cre"},
		{"beside what Text knows", "s3cret ?token=x /rest/1/short/", "*** ?token=*** /rest/***/***/"},
		{"a separator in the secret", "?auth=p@ss w/rd&x=1", "?auth=***&x=1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tt.want, s.Text(tt.in))
		})
	}
	assert.JSONEq(t, `{"x":["***","***"],"***":1}`, string(s.JSON([]byte(`{"x":["s3cret","p@ss w\/rd"],"s3cret":1}`))))
	assert.Equal(t, "a *** b", s.Snippet([]byte("a  s3cret\nb"), 10))
}

func TestSecretsZero(t *testing.T) {
	t.Parallel()
	for _, s := range []*redact.Secrets{nil, {}, redact.New(), redact.New("short")} {
		assert.Equal(t, "short ?token=***", s.Text("short ?token=x"))
		assert.JSONEq(t, `{"token":"***"}`, string(s.JSON([]byte(`{"token":"x"}`))))
		assert.Equal(t, "?token=***", s.Snippet([]byte("?token=x"), 20))
		require.NoError(t, s.Error(nil))
	}
}

func TestSecretsCopiesWhatItIsGiven(t *testing.T) {
	t.Parallel()
	given := []string{"a-secret", "x", "another-secret"}
	s := redact.New(given...)
	assert.Equal(t, []string{"a-secret", "x", "another-secret"}, given)
	given[0] = "changed"
	assert.Equal(t, "***", s.Text("a-secret"))
}

func TestSecretsAreNotDumped(t *testing.T) {
	t.Parallel()
	const secret = "q7w8e9r0t1y2"
	s := redact.New(secret)
	type holder struct {
		S redact.Secrets
		P *redact.Secrets
	}
	for _, v := range []any{s, *s, holder{*s, s}, &holder{*s, s}, []*redact.Secrets{s}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			assert.NotContains(t, fmt.Sprintf(verb, v), secret)
		}
		b, err := json.Marshal(v)
		require.NoError(t, err)
		assert.NotContains(t, string(b), secret)
	}
}

func TestSecretsConcurrently(t *testing.T) {
	t.Parallel()
	s := redact.New("a-secret")
	for range 8 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			for range 100 {
				assert.Equal(t, "***"+strings.Repeat(" ***", 3), s.Text("a-secret a-secret a-secret a-secret"))
			}
		})
	}
}

func TestSecretsInNames(t *testing.T) {
	t.Parallel()
	s := redact.New("s3cret-and-more")
	for _, name := range []string{"s3cret-and-more", "xS3CRET-AND-MOREx", "%733cret-and-more", "https://a.b/rest/1/x/", "/rest/api/1/x/y", "%2Frest%2F1%2Fx"} {
		assert.True(t, s.InName(name), name)
	}
	for _, name := range []string{"s3cret", "s3cret-and", "webhook:evt_1", "key=5", "auth=x", "Bearer abcdefgh1", "rest/1", "the rest of it", "crm.deal.list", ""} {
		assert.False(t, s.InName(name), name)
		assert.False(t, s.Holds(name), name)
	}
	assert.False(t, s.Holds("https://a.b/rest/1/x/"))
	assert.True(t, (*redact.Secrets)(nil).InName("/rest/1/x/"))
	assert.False(t, (*redact.Secrets)(nil).Holds("x"))
}
