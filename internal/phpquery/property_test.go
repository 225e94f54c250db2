package phpquery_test

import (
	"encoding/json"
	"math/rand/v2"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/internal/phpquery"
)

// checkEncode holds what Encode says of a document against PHP's reading: what
// it accepts arrives unchanged, what it refuses would not.
func checkEncode(t *testing.T, doc []byte) {
	t.Helper()
	query, err := phpquery.Encode(doc, nil)
	want, perr := parseJSON(doc)
	if err == nil {
		require.NoError(t, perr, "%s", doc)
		got := parseStr(query)
		assert.True(t, want.equal(got), "%s\n%s\n%s", doc, query, got)
		assert.Regexp(t, `^[A-Za-z0-9\-_.~%\[\]=&]*$`, query)
		assert.False(t, anyReplaced(want), "%s", doc)
		assert.LessOrEqual(t, strings.Count(query, "="), 900)
		return
	}
	var pe *phpquery.Error
	require.ErrorAs(t, err, &pe)
	assert.True(t, justified(pe.Reason, doc, want, perr), "%s: %v", doc, err)
}

func justified(reason phpquery.Reason, doc []byte, want *node, err error) bool {
	switch reason {
	case phpquery.Duplicate:
		return !jsontext.Value(doc).IsValid()
	case phpquery.Syntax:
		return err != nil || !want.array || !jsontext.Value(doc).IsValid()
	case phpquery.TooMany:
		return err != nil || count(want) > 900
	case phpquery.Reference:
		return err != nil || anyReplaced(want)
	default:
		return err != nil || !want.equal(parseStr(plainQuery(want)))
	}
}

// plainQuery writes every leaf, whatever PHP will make of it.
func plainQuery(n *node) string {
	var pairs []string
	n.leaves(nil, func(keys []string, v *node) {
		var name strings.Builder
		for i, key := range keys {
			key = url.QueryEscape(key)
			if i > 0 {
				key = "[" + key + "]"
			}
			name.WriteString(key)
		}
		pairs = append(pairs, name.String()+"="+url.QueryEscape(v.text))
	})
	return strings.Join(pairs, "&")
}

func count(n *node) int {
	leaves := 0
	n.leaves(nil, func([]string, *node) { leaves++ })
	return leaves
}

func anyReplaced(n *node) bool {
	found := false
	n.leaves(nil, func(_ []string, v *node) { found = found || replacedByPortal(v.text) })
	return found
}

// replacedByPortal is the expression of docs/protocol.md 4.6, in the words of Go's
// regexp: (?i) would fold beyond ASCII, \s lacks the vertical tab.
func replacedByPortal(s string) bool {
	if !strings.Contains(s, "$") { // expressions are slow to compile
		return false
	}
	const words = `[rR][eE][sS][uU][lL][tT]|[nN][eE][xX][tT]|[tT][oO][tT][aA][lL]|[tT][iI][mM][eE]|[eE][rR][rR][oO][rR]`
	reference := regexp.MustCompile(`\$(?:` + words + `)([^\t\n\v\f\r ]*)`)
	group := regexp.MustCompile(`\[([^\]]+)\]`)
	for _, match := range reference.FindAllStringSubmatch(s, -1) {
		if group.MatchString(match[1]) {
			return true
		}
	}
	return false
}

// inventor makes documents of names and texts that PHP has a meaning for.
type inventor struct{ *rand.Rand }

func (in inventor) pick(from ...string) string { return from[in.IntN(len(from))] }

func (in inventor) name() string {
	if in.IntN(8) > 0 {
		return in.pick("ID", "TITLE", "fields", "filter", "0", "1", "2", "17", "UF_CRM_1", ">=DATE", "имя", "a-b", "00", "-0", "~")
	}
	return in.pick("", " ", "  ", " a", "a ", ".", "a.b", "a b", "[", "]", "[]", "a[", "a]", "a[b]", "\t", "\t\t", "\v", "\x00", "a\x00", "\u00a0",
		"\u0085", "=", "&", "a=b", "%", "%41", "+", "#", "this", "GLOBALS", "__Host-a", "__Secure-", "__host-a", "\u2028", "$result[a]", "$result")
}

func (in inventor) text() string {
	var b strings.Builder
	for range in.IntN(4) {
		b.WriteString(in.pick("a", "Привет", "😀", "&", "=", "#", "+", "%", "%2", "%41", "?", "[", "]", " ", "\n", "\x00", "\u00a0", ";", "1", "'", "\"",
			"$", "$result", "$TIME", "$result[a]", "[a]", "\u2028", "\x7f", "/", ":", "\\"))
	}
	return b.String()
}

func (in inventor) value(depth int) string {
	kind := in.IntN(16)
	switch {
	case kind < 6 || depth > 4 && kind < 12:
		return quote(in.text())
	case kind < 8:
		return in.pick("0", "-1", "1.50", "1e+21", "9007199254740993", "12345678901234567890")
	case kind < 9:
		return in.pick("true", "false", "true", "false", "null", "[]", "{}")
	case kind < 12:
		return in.list(depth)
	default:
		return in.object(depth)
	}
}

func (in inventor) list(depth int) string {
	elems := make([]string, 1+in.IntN(3))
	for i := range elems {
		elems[i] = in.value(depth + 1)
	}
	return "[" + strings.Join(elems, ",") + "]"
}

func (in inventor) object(depth int) string {
	members := make([]string, 1+in.IntN(4))
	for i := range members {
		members[i] = quote(in.name()) + ":" + in.value(depth+1)
	}
	return "{" + strings.Join(members, ",") + "}"
}

// query is no work of Encode: brackets, blanks and escapes as they fall.
func (in inventor) query() string {
	var b strings.Builder
	for range 1 + in.IntN(14) {
		b.WriteString(in.pick("a", "b", "0", "1", "7", "[", "]", "[", "]", "[]", "[a]", "[0]", "=", "=", "&", "&", ".", " ", "+", "%20", "%09", "%0b",
			"%00", "%5B", "%5D", "%5b", "%", "%4", "%zz", "%C3%A9", "%26", "%3D", "_", "-", "__Host-", "[__Host-", "__Secure-a", "[ ]", "[%09]", "=x", "&a[b]=c", "&a=1"))
	}
	return b.String()
}

func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

func TestEncodeArrivesUnchanged(t *testing.T) {
	t.Parallel()
	in := inventor{rand.New(rand.NewPCG(1, 2))}
	accepted := 0
	for range 5000 {
		doc := []byte(in.object(0))
		checkEncode(t, doc)
		if _, err := phpquery.Encode(doc, nil); err == nil {
			accepted++
		}
	}
	assert.Greater(t, accepted, 1000, "the documents must not all be refused")
	assert.Less(t, accepted, 4000)
}

func FuzzEncode(f *testing.F) {
	for _, seed := range []string{
		`{}`, `[]`, `[1,{"a":"b"}]`,
		`{"fields":{"TITLE":"a&b=c#d+e%41 f","PHONE":[{"VALUE":"+7","VALUE_TYPE":"WORK"}],"OPENED":true}}`,
		`{"filter":{">ID":5,"%TITLE":"ä😀\ud83d\ude00"},"order":{"z":"ASC","a":"DESC"},"select":["*","UF_*"]}`,
		`{"a":null}`, `{"a":[]}`, `{"a":{}}`, `{"a":{" ":1}}`, `{"a":{" b":1,"[":2}}`, `{"a.b":1}`, `{"a":{"]":1}}`, `{"a":{"\u0000":1}}`,
		`{"a":1,"\u0061":2}`, `{"a":{"0":1,"00":2,"-0":3}}`, `{"t":"$Total[a]"}`, `{"t":"$reſult[a] $result [b] $result[]"}`, `{"t":"\ud800"}`,
		`{"a":[1,`, `{"a":1}{}`, `{"a":` + strings.Repeat(`{"b":`, 64) + `1` + strings.Repeat(`}`, 65),
		`{"a":` + strings.Repeat(`[`, 65) + `1` + strings.Repeat(`]`, 65) + `}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(checkEncode)
}
