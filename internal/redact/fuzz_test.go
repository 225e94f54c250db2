package redact_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/b24go/b24/internal/redact"
)

const marker = "Zq7Xw9Kj3Vb5"

// markedCarriers hold the marker where a secret stands. Each is to be put behind a line break, which no name and no URL outlives.
func markedCarriers() []string {
	return []string{
		"https://a.b/rest/1/" + marker + "/x",
		"https://a.b/rest/api/1/" + marker + "/x",
		`https:\/\/a.b\/rest\/1\/` + marker + `\/x`,
		"u=https%3A%2F%2Fa.b%2Frest%2F1%2F" + marker + "%2Fx",
		"https://a.b/rest/upload?x=" + marker,
		"https://u:" + marker + "@a.b/",
		"x?a=1&auth=" + marker + "&b=2",
		"x?fields%5Bpassword%5D=" + marker + "&b=2",
		`"access_token":"` + marker + `","b":2`,
		`"auth":{"x":"` + marker + `"},"b":2`,
		"Authorization: Bearer " + marker,
	}
}

func FuzzText(f *testing.F) {
	for _, s := range append(markedCarriers(), cleanText, `\`, `"token":"abc\`, `auth={"`, `%255C%2522token`, `<key>`, `x://a@`) {
		f.Add(s)
	}
	s := redact.New(marker)
	f.Fuzz(func(t *testing.T, text string) {
		redact.Text(text)
		if got := s.Text(text + marker + text); strings.Contains(strings.ToLower(got), strings.ToLower(marker)) {
			t.Errorf("literal in %q", got)
		}
		if strings.Contains(text, marker) {
			return
		}
		for _, c := range markedCarriers() {
			if got := redact.Text(text + "\n" + c + "\n" + text); strings.Contains(got, marker) {
				t.Errorf("%q in %q", c, got)
			}
		}
	})
}

func FuzzJSON(f *testing.F) {
	for _, s := range append(markedCarriers(), `{"a":[1,"x",{"token":{}}],"code":1,"client_id":2}`, `{"code":"\ud800","code":[],"member_id":0}`, `"auth=\"x\""`) {
		f.Add([]byte(s))
		f.Add([]byte(`{"x":` + jsonOf(s) + `}`))
	}
	s := redact.New(marker)
	f.Fuzz(func(t *testing.T, b []byte) {
		in := string(b)
		out := redact.JSON(b)
		if string(b) != in {
			t.Fatal("the input changed")
		}
		if got := s.JSON([]byte(in + marker + in)); strings.Contains(strings.ToLower(string(got)), strings.ToLower(marker)) {
			t.Errorf("literal in %q", got)
		}
		if !json.Valid(b) {
			return
		}
		if !json.Valid(out) {
			t.Fatalf("%q is not valid", out)
		}
		if again := redact.JSON(out); string(again) != string(out) {
			t.Errorf("%q became %q", out, again)
		}
		if strings.Contains(in, marker) {
			return
		}
		doc := `{"x":` + in + `,"Access-Token":"` + marker + `","y":[{"auth":[` + in + `,"` + marker + `"]},` + in + `,{"u":"/rest/1/` + marker + `/"}]}`
		if got := redact.JSON([]byte(doc)); strings.Contains(string(got), marker) || !json.Valid(got) {
			t.Errorf("%q became %q", doc, got)
		}
	})
}

func FuzzSnippet(f *testing.F) {
	for i, s := range append(markedCarriers(), "\n<b>\x00\xff\u202e ", cleanText) {
		f.Add([]byte(s), 5*i)
	}
	s := redact.New(marker)
	f.Fuzz(func(t *testing.T, b []byte, limit int) {
		text := string(b)
		for _, got := range []string{redact.Snippet(b, limit), s.Snippet([]byte(text+marker+text), limit)} {
			if n := utf8.RuneCountInString(got); n > max(0, limit) {
				t.Errorf("%d characters in %q", n, got)
			}
			if !utf8.ValidString(got) || strings.ContainsFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Errorf("%q is not printable", got)
			}
		}
		if got := s.Snippet([]byte(text+marker+text), limit); strings.Contains(strings.ToLower(got), strings.ToLower(marker)) {
			t.Errorf("literal in %q", got)
		}
		if strings.Contains(text, marker[:6]) {
			return
		}
		for _, c := range markedCarriers() {
			if got := redact.Snippet([]byte(text+"\n"+c), limit); strings.Contains(got, marker[:6]) {
				t.Errorf("%q in %q", c, got)
			}
		}
	})
}
