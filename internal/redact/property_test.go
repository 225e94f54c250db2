package redact_test

import (
	"encoding/json"
	"fmt"
	"html"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/internal/redact"
)

// Letters that no carrier encodes, and those that some do; and how many plain ones a random secret has at either end.
const (
	ends         = 6
	plainLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	allLetters   = plainLetters + " !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~\n\tяЖ€😀"
)

// sensitive are names as the portal, OAuth and people write them.
var sensitive = []string{ //nolint:gochecknoglobals // a table of two tests
	"auth", "AUTH", "access_token", "accessToken", "AccessToken", "ACCESS-TOKEN", "refresh_token", "client_secret", "clientSecret",
	"application_token", "APPLICATION_TOKEN", "AUTH_ID", "REFRESH_ID", "APP_SID", "sessid", "bitrix_sessid", "PHPSESSID", "password",
	"user_password", "passwd", "secret", "webhook_secret", "token", "csrf-token", "key", "Key", "api_key", "signature", "webhook", "authorization",
}

// carrier puts a secret into a text the way a program does: it returns the text and the spelling of the secret in it.
type carrier struct {
	name    string
	letters string
	build   func(name, secret string) (text, spelled string)
}

func jsonOf(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// component escapes like encodeURIComponent of JavaScript, which leaves more as it is than Go does.
func component(s string) string {
	return strings.NewReplacer("+", "%20", "%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*", "%7E", "~").Replace(url.QueryEscape(s))
}

func inner(s string) string { return strings.Trim(jsonOf(s), `"`) }

func carriers() []carrier {
	query := func(name, value string) string { return "https://a.b/x?id=1&" + name + "=" + value + "&z=2" }
	return []carrier{
		{"webhook", allLetters, func(_, s string) (string, string) {
			e := strings.ReplaceAll(url.PathEscape(s), ".", "%2E")
			return "https://a.b/rest/1/" + e + "/x", e
		}},
		{"webhook v3", plainLetters, func(_, s string) (string, string) { return "https://a.b/p/rest/api/17/" + s + "/x", s }},
		{"webhook in a query", plainLetters, func(_, s string) (string, string) {
			return query("u", url.QueryEscape("https://a.b/rest/1/"+s+"/")), s
		}},
		{"webhook in JSON of PHP", plainLetters, func(_, s string) (string, string) {
			return `{"u":"https:\/\/a.b\/rest\/1\/` + s + `\/x","x":1`, s
		}},
		{"transfer", allLetters, func(_, s string) (string, string) {
			return "https://a.b/rest/download.json?x=" + url.QueryEscape(s), url.QueryEscape(s)
		}},
		{"query", allLetters, func(n, s string) (string, string) { return query(n, url.QueryEscape(s)), url.QueryEscape(s) }},
		{"query of JavaScript", allLetters, func(n, s string) (string, string) { return query(n, component(s)), component(s) }},
		{"form", allLetters, func(n, s string) (string, string) {
			return url.Values{"a": {"1"}, "fields[" + n + "]": {s}, "z": {"2"}}.Encode(), url.QueryEscape(s)
		}},
		{"nested query", allLetters, func(n, s string) (string, string) {
			return query("next", url.QueryEscape(query(n, url.QueryEscape(s)))), url.QueryEscape(url.QueryEscape(s))
		}},
		{"batch command in JSON", allLetters, func(n, s string) (string, string) {
			return jsonOf(map[string]any{"cmd": []string{"x?" + n + "=" + url.QueryEscape(s) + "&y=1"}})[1:], url.QueryEscape(s)
		}},
		{"query in HTML", allLetters, func(n, s string) (string, string) {
			return `<a href="` + html.EscapeString(query(n, url.QueryEscape(s))) + `">x</a>`, url.QueryEscape(s)
		}},
		{"JSON", allLetters, func(n, s string) (string, string) { return jsonOf(map[string]any{n: s, "z": 1})[1:], inner(s) }},
		{"JSON, subtree", allLetters, func(n, s string) (string, string) {
			return jsonOf(map[string]any{n: []any{map[string]any{"x": s}, "]}"}, "z": 1})[1:], inner(s)
		}},
		{"JSON in JSON", allLetters, func(n, s string) (string, string) {
			return jsonOf(jsonOf(map[string]any{n: s, "z": 1})), inner(inner(s))
		}},
		{"JSON in JSON in JSON", allLetters, func(n, s string) (string, string) {
			return jsonOf(jsonOf(jsonOf(map[string]any{n: s, "z": 1}))), inner(inner(inner(s)))
		}},
		{"JSON in a query", allLetters, func(n, s string) (string, string) {
			return query("x", url.QueryEscape(jsonOf(map[string]any{n: s}))), url.QueryEscape(inner(s))
		}},
		{"JSON in JSON in a query", allLetters, func(n, s string) (string, string) {
			return query("x", url.QueryEscape(jsonOf(jsonOf(map[string]any{n: s})))), url.QueryEscape(inner(inner(s)))
		}},
		{"Go map", plainLetters, func(n, s string) (string, string) { return fmt.Sprint(map[string]any{n: s, "z": 1}), s }},
		{"Go values", allLetters, func(n, s string) (string, string) {
			return fmt.Sprintf("%#v", map[string]any{n: []any{s}, "z": 1}), strings.Trim(fmt.Sprintf("%#v", s), "\"`")
		}},
		{"header", plainLetters, func(_, s string) (string, string) {
			return fmt.Sprint(http.Header{"Authorization": {"Bearer " + s}, "X": {"y"}}), s
		}},
		{"bearer", plainLetters, func(_, s string) (string, string) { return "sent Bearer " + s + "0 to a.b", s }},
		{"user of a URL", allLetters, func(_, s string) (string, string) {
			u := url.URL{Scheme: "https", User: url.UserPassword("u", s), Host: "a.b"}
			return u.String(), strings.TrimPrefix(u.User.String(), "u:")
		}},
		{"XML", allLetters, func(n, s string) (string, string) {
			return "<" + n + ">" + html.EscapeString(s) + "</" + n + ">", html.EscapeString(s)
		}},
	}
}

func randomSecret(r *rand.Rand, letters string) string {
	all := []rune(letters)
	s := make([]rune, 2*ends+r.IntN(24))
	for i := range s {
		s[i] = all[r.IntN(len(all))]
	}
	// The ends are plain, so that they can be found in whatever is left.
	for i := range ends {
		s[i], s[len(s)-1-i] = rune(plainLetters[r.IntN(len(plainLetters))]), rune(plainLetters[r.IntN(len(plainLetters))])
	}
	return string(s)
}

// A secret in a carrier never survives: not as a whole, nor its beginning, nor its end.
func TestNoSecretSurvives(t *testing.T) {
	t.Parallel()
	for _, c := range carriers() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(1, 2))
			for i := range 400 {
				name := sensitive[i%len(sensitive)]
				secret := randomSecret(r, c.letters)
				text, spelled := c.build(name, secret)
				require.Contains(t, text, spelled)
				for _, got := range []string{
					redact.Text(text),
					redact.Text("b24: x: " + text + ": EOF"),
					string(redact.JSON([]byte(text))),
					string(redact.JSON([]byte(jsonOf(map[string]any{"x": text})))),
					redact.Snippet([]byte(text), 300),
				} {
					for _, part := range []string{secret, spelled, spelled[:ends], spelled[len(spelled)-ends:]} {
						require.NotContains(t, got, part, "%s", text)
					}
				}
			}
		})
	}
}

// Valid JSON loses the values of sensitive names and nothing else.
func TestJSONKeepsTheRest(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for range 500 {
		in, want := randomValue(r, 5)
		var got any
		require.NoError(t, json.Unmarshal(redact.JSON([]byte(jsonOf(in))), &got))
		assert.Equal(t, want, got)
	}
}

// randomValue makes a value and what is to be left of it.
func randomValue(r *rand.Rand, depth int) (in, want any) {
	kind := r.IntN(6)
	if depth == 0 {
		kind = r.IntN(4)
	}
	switch kind {
	case 0:
		return "text", "text"
	case 1:
		return 1.5, 1.5
	case 2:
		return nil, nil
	case 3:
		return true, true
	case 4:
		inList, wantList := make([]any, r.IntN(4)), []any{}
		for i := range inList {
			v, w := randomValue(r, depth-1)
			inList[i] = v
			wantList = append(wantList, w)
		}
		return inList, wantList
	default:
		inMap, wantMap := map[string]any{}, map[string]any{}
		for i := range r.IntN(4) {
			name := fmt.Sprintf("plain%d", i)
			v, w := randomValue(r, depth-1)
			if r.IntN(3) == 0 {
				name, w = sensitive[r.IntN(len(sensitive))], redact.Mask
			}
			inMap[name], wantMap[name] = v, w
		}
		return inMap, wantMap
	}
}

// Whatever junk stands in the lines around it, a secret in a carrier does not survive; and what is masked once stays as it is.
func TestNoSecretSurvivesInJunk(t *testing.T) {
	t.Parallel()
	pieces := strings.Split(`auth|token|key|code|client_id|rest|api|download|access_token|Bearer|Authorization|map|interface {}|1|a|x1y2z3w4|é|***|*|`+
		`/|\/|%2F|%252F|\|\\|%5C|"|\"|\\\"|%22|%5C%22|\u0022|&quot;|'|=|%3D|=>|:|%3A|: |://|@| |%20|\n|&|&amp;|%26|\u0026|;|#|?|[|]|{|}|(|)|,|.|<|>|&lt;|+|%`,
		"|")
	pieces = append(pieces, "\n", "`")
	r := rand.New(rand.NewPCG(5, 6))
	for range 3000 {
		var b strings.Builder
		for range 1 + r.IntN(14) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		junk := b.String()
		once := redact.Text(junk)
		require.Equal(t, once, redact.Text(once), "%q", junk)
		for _, c := range markedCarriers() {
			require.NotContains(t, redact.Text(junk+"\n"+c+"\n"+junk), marker, "%q", junk)
		}
	}
}
