package redact_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"

	"github.com/b24go/b24/internal/redact"
)

func TestSnippet(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in string
		limit    int
		want     string
	}{
		{"short", "Bad gateway", 300, "Bad gateway"},
		{"300", strings.Repeat("a", 300), 300, strings.Repeat("a", 300)},
		{"301", strings.Repeat("a", 301), 300, strings.Repeat("a", 299) + "…"},
		{"5000", strings.Repeat("a", 5000), 300, strings.Repeat("a", 299) + "…"},
		{"a million", strings.Repeat("a", 1000000), 300, strings.Repeat("a", 299) + "…"},
		{"300 letters of two bytes", strings.Repeat("я", 300), 300, strings.Repeat("я", 300)},
		{"301 letters of two bytes", strings.Repeat("я", 301), 300, strings.Repeat("я", 299) + "…"},
		{"blanks at the limit", "ab  ", 2, "ab"},
		{"blank before the ellipsis", "ab cd", 4, "ab …"},
		{"one character", "ab", 1, "…"},
		{"no character", "ab", 0, ""},
		{"fewer", "ab", -1, ""},
		{"large limit", "ab", int(^uint(0) >> 1), "ab"},
		{"nothing", "", 300, ""},
		{"blanks only", " \r\n\t", 300, ""},
		{"white space", "\n<html>\r\n\t <b>  x\u00a0y\u2028z\x00\x1b[31m</b> ", 300, "<html> <b> x y z\ufffd\ufffd[31m</b>"},
		{"broken UTF-8", "a\xff\xfeb\xd0", 300, "a\ufffd\ufffdb\ufffd"},
		{"direction of writing", "a\u202eb", 300, "a\ufffdb"},
		{"secret", `{"token":"s3cret","x":"https://a.b/rest/1/s3cret/y"}`, 300, `{"token":"***","x":"https://a.b/rest/***/***/y"}`},
		{"secret across the limit", `x https://a.b/rest/1/s3cret0123456789/y`, 24, `x https://a.b/rest/***/…`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tt.want, redact.Snippet([]byte(tt.in), tt.limit))
		})
	}
}

// Wherever the snippet ends, and wherever reading ends in a large answer, nothing of a secret is left.
func TestSnippetCutsNoSecret(t *testing.T) {
	t.Parallel()
	const secret = "q7w8e9r0t1y2u3i4"
	s := redact.New(secret)
	carriers := []string{
		"https://a.b/rest/1/" + secret + "/x",
		"?access_token=" + secret + "&x",
		`{"token":"` + secret + `"}`,
		"https://user:" + secret + "@a.b/",
	}
	for _, carrier := range carriers {
		for limit := range len(carrier) + 2 {
			got := redact.Snippet([]byte(carrier), limit)
			assert.NotContains(t, got, secret[:3], "limit %d", limit)
			assert.LessOrEqual(t, utf8.RuneCountInString(got), limit)
		}
	}
	// The blanks fold to nothing, so what stands at the end of the window would show.
	const size = 64<<10 + 300*8
	blanks := strings.Repeat(" ", size)
	for shift := 1; shift < 48; shift += 3 {
		carrier := carriers[shift%len(carriers)]
		assert.NotContains(t, redact.Snippet([]byte(blanks[shift:]+carrier+blanks), 300), secret[:3], "shift %d", shift)
		assert.NotContains(t, s.Snippet([]byte(blanks[shift:]+secret+blanks), 300), secret[:3], "shift %d", shift)
	}
}

func TestSnippetOfLargeAnswer(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "a ***…", redact.New("a-secret").Snippet([]byte("a a-secret"+strings.Repeat(" ", 1<<20)), 300))
	assert.Equal(t, "a…", redact.Snippet([]byte("a"+strings.Repeat(" ", 1<<20)+"b"), 300))
	assert.Equal(t, "…", redact.Snippet([]byte(`{"token":"`+strings.Repeat("s", 1<<20)), 300), "all that was read is masked")
}
