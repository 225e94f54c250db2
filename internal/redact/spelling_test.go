package redact_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/b24go/b24/internal/redact"
)

// spellings are the ways to write a text so that a page, a script or a query shows it as it is.
func spellings(text string) map[string]string {
	each := func(format string) string {
		var b strings.Builder
		for _, c := range []byte(text) {
			fmt.Fprintf(&b, format, c)
		}
		return b.String()
	}
	return map[string]string{
		"raw":                       text,
		"decimal entities":          each("&#%d;"),
		"padded entities":           each("&#%04d;"),
		"hexadecimal entities":      each("&#x%x;"),
		"capital entities":          each("&#X%X;"),
		"padded hex entities":       each("&#x00%x;"),
		"entities of entities":      each("&amp;#%d;"),
		"entities three times":      each("&amp;amp;#x%x;"),
		"entities of numbers":       each("&#38;#%d;"),
		"entities in JSON":          each(`\u0026#%d;`),
		"entities in a query":       url.QueryEscape(each("&#%d;")),
		"entities in a query twice": url.QueryEscape(url.QueryEscape(each("&#x%x;"))),
		"percent":                   each("%%%02x"),
		"escapes of JSON":           each(`\u%04x`),
		"escapes of JavaScript":     each(`\x%02x`),
		"one entity":                fmt.Sprintf("%s&#x%x;%s", text[:4], text[4], text[5:]),
		"one entity unended":        text[:4] + fmt.Sprintf("&#%d", text[4]) + text[5:],
	}
}

const spelled = "q7w8-e9_r0t1zz"

func TestLiteralsInEverySpelling(t *testing.T) {
	t.Parallel()
	s := redact.New(spelled)
	for name, text := range spellings(spelled) {
		assert.Equal(t, "a *** b", s.Text("a "+text+" b"), name)
		assert.Equal(t, "***", s.Text(strings.ReplaceAll(text, "_", "&lowbar;")), name)
	}
}

func TestAddressesInEverySpelling(t *testing.T) {
	t.Parallel()
	for name, text := range spellings(spelled) {
		assert.Equal(t, "/rest/***/***/x", redact.Text("/rest/1/"+text+"/x"), name)
		assert.Equal(t, `<a href="/p?token=***&amp;x=1">`, redact.Text(`<a href="/p?token=`+text+`&amp;x=1">`), name)
	}
	for _, around := range [][2]string{{"/rest/1/", "/x"}, {"?x=1&auth=", "&y=1"}} {
		for name, text := range spellings(around[0] + spelled + around[1]) {
			end := spellings(spelled)[name]
			end = end[len(end)-6:]
			assert.Contains(t, text, end, name)
			assert.NotContains(t, redact.Text(text), end, name)
		}
	}
}

// encoding/json's successor names the place of an error by a pointer, in which ~1 is a slash.
func TestAddressesInJSONPointers(t *testing.T) {
	t.Parallel()
	assert.Equal(t, `within "/x/https:~1~1a.b~1rest~1***~1***~1profile/y"`, redact.Text(`within "/x/https:~1~1a.b~1rest~11~1`+spelled+`~1profile/y"`))
	assert.Equal(t, `/a~0b ~ ~1 ~2`, redact.Text(`/a~0b ~ ~1 ~2`))
}

// What is no entity stays what it was.
func TestEntitiesThatAreNone(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"a & b", "&", "&;", "&#", "&#;", "&#x;", "&#xzz;", "&x;", "&#1114112;", "&#0;", "&#x20ac;", "&euro;", "&amp", "&lowbar", "?a=1&b=2#top", "&#" + strings.Repeat("0", 100),
	} {
		assert.Equal(t, text, redact.Text(text))
		assert.Equal(t, text+"***", redact.New(spelled).Text(text+spelled))
	}
	assert.Equal(t, "?token=***&b=2", redact.Text("?token=x&b=2"))
	assert.Equal(t, "?token=***#top", redact.Text("?token=x#top"))
	assert.Equal(t, "?token=***&#top", redact.Text("?token=x&#top"))
}
